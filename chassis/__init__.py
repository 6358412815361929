"""What every service is mounted on; knows no domain word."""
