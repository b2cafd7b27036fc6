"""Group-time effects and the two-by-two: changes of the trained compared with changes of people not (yet) trained."""
