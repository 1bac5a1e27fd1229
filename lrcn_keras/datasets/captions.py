"""Photos with their captions, whatever data set they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lrcn_keras.datasets._checks import check_captions, check_names
from lrcn_keras.datasets.locate import joined_names, keep_present

if TYPE_CHECKING:
    import tensorflow as tf


class CaptionDataset:
    """A list of photos, each with any number of captions.

    Args:
        name: what to call the data set, such as "flickr8k:test".
        names: a unique name for each photo.
        photos: path (str) or encoded bytes of each photo.
        captions: sentences of each photo, at least one.

    Raises:
        ValueError: when the lists differ in length, are empty, or hold a name twice or a photo
            without captions.
    """

    def __init__(
        self,
        name: str,
        names: Sequence[str],
        photos: Sequence[str | bytes],
        captions: Sequence[Sequence[str]],
    ):
        self.name = name
        self.names = list(names)
        self.photos = [photo if isinstance(photo, bytes) else str(photo) for photo in photos]
        self.captions = [list(sentences) for sentences in captions]
        sizes = (len(self.names), len(self.photos), len(self.captions))
        check_names(name, self.names, sizes, "a name, a photo and captions", "photos")
        check_captions(name, self.names, self.captions, "photos")

    @classmethod
    def from_folder(
        cls, name: str, folder: str | Path, captions: Mapping[str, Sequence[str]]
    ) -> CaptionDataset:
        """Joins captions with the photos of a folder; a photo that is not there is skipped.

        Args:
            name: what to call the data set.
            folder: where the photos are.
            captions: sentences by file name, relative to `folder`.

        Returns:
            The data set, in the order of `captions`. A warning names photos that were skipped.

        Raises:
            ValueError: when none of the photos is there.
        """
        found = keep_present(name, folder, captions, "photos")
        paths = [str(Path(folder) / file) for file in found]
        return cls(name, found, paths, [captions[file] for file in found])

    @classmethod
    def join(cls, parts: Sequence[CaptionDataset]) -> CaptionDataset:
        """Puts data sets one after the other.

        Args:
            parts: at least one data set; where two have a name in common, both get their data set's
                name in front of theirs.

        Returns:
            The joined data set, named "first+second".

        Raises:
            ValueError: when a data set is given twice.
        """
        return cls(
            "+".join(part.name for part in parts),
            joined_names([(part.name, part.names) for part in parts]),
            [photo for part in parts for photo in part.photos],
            [sentences for part in parts for sentences in part.captions],
        )

    @property
    def references(self) -> dict[str, list[str]]:
        """Captions by name, as `evaluation` takes them."""
        return dict(zip(self.names, self.captions, strict=True))

    def encoded_photos(self) -> tf.data.Dataset:
        """Reads the photos in order.

        Returns:
            Dataset of (index int64, encoded bytes). A file that cannot be read raises when it is
            reached, so `ignore_errors()` skips it.
        """
        import tensorflow as tf

        indices = tf.data.Dataset.range(len(self))
        if any(isinstance(photo, bytes) for photo in self.photos):
            encoded = tf.data.Dataset.from_generator(
                lambda: map(_read, self.photos), output_signature=tf.TensorSpec([], tf.string)
            )
            return tf.data.Dataset.zip(indices, encoded)
        paths = tf.data.Dataset.from_tensor_slices(self.photos)
        return tf.data.Dataset.zip(indices, paths).map(
            lambda index, path: (index, tf.io.read_file(path)), num_parallel_calls=tf.data.AUTOTUNE
        )

    def examples(self) -> tf.data.Dataset:
        """Reads photos with names and captions, in order.

        Returns:
            Dataset of {"name": string, "image": encoded bytes, "captions": (K,) strings}.
        """
        import tensorflow as tf

        names = tf.data.Dataset.from_tensor_slices(self.names)
        captions = tf.data.Dataset.from_tensor_slices(tf.ragged.constant(self.captions))
        return tf.data.Dataset.zip(names, self.encoded_photos(), captions).map(
            lambda name, photo, sentences: {
                "name": name,
                "image": photo[1],
                "captions": sentences,
            }
        )

    def __len__(self) -> int:
        return len(self.names)

    def __add__(self, other: CaptionDataset) -> CaptionDataset:
        return CaptionDataset.join([self, other])

    def __repr__(self) -> str:
        sentences = sum(map(len, self.captions))
        return f"CaptionDataset({self.name!r}, {len(self)} photos, {sentences} captions)"


def _read(photo: str | bytes) -> bytes:
    return photo if isinstance(photo, bytes) else Path(photo).read_bytes()
