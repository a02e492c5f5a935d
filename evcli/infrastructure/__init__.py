"""A description of buses, rules, targets …: read from a file, compared, carried out."""
