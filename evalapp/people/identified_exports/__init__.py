"""Lists with identities: asked for by one person, allowed by another, handed over once, encrypted, and written down."""
