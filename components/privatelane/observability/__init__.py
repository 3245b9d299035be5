"""What watches a network: alarms, dashboard, budget, changes, flow log queries, the canary."""
