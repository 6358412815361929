"""Private nodes: a RabbitMQ and a PostgreSQL that belong to one test run, ended by process id and never shared."""
