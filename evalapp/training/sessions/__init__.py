"""The schedule: sessions, their trainers, days without training, calendars."""
