"""Help: pages made from the declarations, loaded when it is asked for."""
