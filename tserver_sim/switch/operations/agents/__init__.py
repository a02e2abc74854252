"""Agents, queues and supervisors."""
