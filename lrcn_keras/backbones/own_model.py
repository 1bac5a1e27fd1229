"""A user's own model as a backbone."""

import keras


def copied(model: keras.Model, image_size: int | None, channels: int = 3) -> keras.Model:
    """Copy a user's model with its weights, for images of one size.

    Args:
        model: any model of images (B, S, S, 3). A subclass of `keras.Model` with a ``call`` of
            its own cannot be copied: it is used as it is, weights shared.
        image_size: height and width of the input in pixels; None takes the model's, or 224 where
            it takes any size.
        channels: of the images.

    Returns:
        A functional model with an input named ``image``.

    Raises:
        ValueError: if the model is not one of such images, or does not take that size.
    """
    own_size = _own_size(model, channels)
    size = image_size or own_size
    image = keras.Input((size, size, channels), name="image")
    try:
        if isinstance(model, keras.Sequential):
            copy = _chained(model, image)
        elif hasattr(model, "operations"):  # functional, also where Keras made a subclass of it
            same_structure = keras.tree.map_structure(lambda _: image, model.input)
            copy = keras.models.clone_model(model, input_tensors=same_structure)
        else:
            return keras.Model(image, model(image), name=model.name)
        if model.built:
            copy.set_weights(model.get_weights())
    except ValueError as error:
        raise ValueError(
            f"The model {model.name!r} does not work on images of {size}x{size}x{channels}: {error}"
        ) from error
    return copy


def _own_size(model: keras.Model, channels: int) -> int:
    shapes = [tuple(entry.shape) for entry in getattr(model, "inputs", None) or ()]
    if not shapes:  # not built, or subclassed
        return 224
    shape = shapes[0]
    if len(shapes) > 1 or len(shape) != 4 or shape[3] not in (channels, None):
        raise ValueError(
            f"A backbone has one input, images of shape (B, S, S, {channels}); the inputs of "
            f"{model.name!r} are {shapes}."
        )
    if shape[1] != shape[2]:
        raise ValueError(f"A backbone's images are square; the input of {model.name!r} is {shape}.")
    return shape[1] or 224


def _chained(model: keras.Sequential, image: keras.KerasTensor) -> keras.Model:
    # `clone_model` would give each layer a second call, and its `output` would be the other one's.
    x = image
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            x = keras.models.clone_model(layer)(x)
        else:
            x = layer.__class__.from_config(layer.get_config())(x)
    return keras.Model(image, x, name=model.name)
