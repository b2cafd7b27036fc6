"""How people got to training and comparison: drawn by lot, or decided and written down."""
