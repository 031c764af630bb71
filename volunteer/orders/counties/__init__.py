"""Beyond one desk: down the tree (层层派单), and to a neighbour county with consent (转派)."""
