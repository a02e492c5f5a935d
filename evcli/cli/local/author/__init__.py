"""Try patterns, transformers and schedules before they are put."""
