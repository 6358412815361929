"""An invented company: its regime, its people, its customers, and the walk of one record through its whole life."""
