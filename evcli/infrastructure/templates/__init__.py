"""CloudFormation and what becomes CloudFormation: SAM, CDK, Serverless."""
