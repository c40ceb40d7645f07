"""What must be set before Prefect is imported: telemetry off, patience with a cold server, the UI on any port, and a
heartbeat of each flow run every half minute, the shortest that Prefect takes."""

import os

for name, value in {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",
    "PREFECT_SERVER_UI_API_URL": "/api",
}.items():
    os.environ.setdefault(name, value)
