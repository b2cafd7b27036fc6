"""Results in, SVG text out: one module a figure, one function and one frozen dataclass each. Every string arrives translated."""
