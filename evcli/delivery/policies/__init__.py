"""Resource policies of event buses: who may put what there."""
