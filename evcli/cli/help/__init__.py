"""Help: pages made from the declarations, off the fast lane."""
