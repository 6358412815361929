"""A RabbitMQ and a PostgreSQL for one test run: private, ended by process id; or given, left as they were found."""
