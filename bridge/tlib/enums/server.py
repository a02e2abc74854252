"""Enumerations of attributes: the T-Server and its switch."""

from bridge.tlib.enums.base import WireEnum


class ServerRole(WireEnum):
    """Which of a pair a T-Server is."""

    Primary = 0
    Backup = 1


class Reliability(WireEnum):
    """How reliable the attributes of a call are."""

    Ok = 0
    InPast = 1
    Uncertain = 2


class SwitchInfoType(WireEnum):
    """What a RequestQuerySwitch asks."""

    DateTime = 1
    ClassifierStat = 2


class SubscriptionOperation(WireEnum):
    """What a RequestTransactionMonitoring does with a subscription."""

    Start = 0
    Stop = 1
    Modify = 2
