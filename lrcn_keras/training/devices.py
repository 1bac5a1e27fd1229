"""Which devices a training runs on."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tensorflow as tf


def strategy_for(devices: str) -> "tf.distribute.Strategy":
    """Make the strategy for a list of devices; call it before TensorFlow is used otherwise.

    Args:
        devices: ``all`` (every GPU, or the CPU where there is none), ``gpu:0,1`` (these GPUs), or
            ``cpu:2`` (so many logical CPU devices).

    Returns:
        ``MirroredStrategy`` for several devices, the default strategy for one.

    Raises:
        ValueError: for anything else, and for GPUs that are not there.
    """
    import tensorflow as tf

    kind, _, which = devices.partition(":")
    gpus = tf.config.list_physical_devices("GPU")
    if devices == "all":
        names = [f"GPU:{i}" for i in range(len(gpus))] or ["CPU:0"]
    elif kind == "gpu" and _numbers(which):
        names = [f"GPU:{i}" for i in _numbers(which)]
        absent = [i for i in _numbers(which) if i >= len(gpus)]
        if absent:
            raise ValueError(f"No GPU {absent}: this machine has {len(gpus)}, asked {devices!r}.")
    elif kind == "cpu" and len(_numbers(which)) == 1 and _numbers(which)[0] > 0:
        (count,) = _numbers(which)
        if count > 1:
            cpu = tf.config.list_physical_devices("CPU")[0]
            tf.config.set_logical_device_configuration(
                cpu, [tf.config.LogicalDeviceConfiguration()] * count
            )
        names = [f"CPU:{i}" for i in range(count)]
    else:
        raise ValueError(f"Devices are 'all', 'cpu:N' or 'gpu:0,1,...', got {devices!r}.")
    return tf.distribute.MirroredStrategy(names) if len(names) > 1 else _single(names[0])


def _single(name: str) -> "tf.distribute.Strategy":
    import tensorflow as tf

    if name in ("CPU:0", "GPU:0"):
        return tf.distribute.get_strategy()
    return tf.distribute.OneDeviceStrategy(name)


def _numbers(text: str) -> list[int]:
    parts = text.split(",")
    return [int(part) for part in parts] if all(part.isdigit() for part in parts) else []
