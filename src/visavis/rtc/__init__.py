"""What browsers knock at to join a task's RTC room."""
