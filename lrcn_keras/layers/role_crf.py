"""A conditional random field over a few roles, each with one label of its own set."""

import itertools
from collections.abc import Mapping, Sequence
from math import prod

import keras
from keras import ops

# Added to the scores of labels that an observation excludes: exp of it is 0 in float32, and its
# multiples stay finite, so that gradients are never NaN.
_EXCLUDED = -1e9
_LARGEST_TABLE = 10**7  # entries: 40 MB for a single example


@keras.saving.register_keras_serializable("lrcn_keras")
class RoleCRF(keras.layers.Layer):
    """Joins the scores of roles (who, doing what, where, ...) by learned tables between pairs.

    The probability of labels l_1 ... l_R is proportional to the exponential of

        sum over roles r of unary_r[l_r] + sum over edges (q, r) of table_qr[l_q, l_r]

    and everything here is exact: roles are summed out one after the other in log space (variable
    elimination), the order being that which makes the tables small. Time and memory grow with
    ``largest_table``: for a tree of edges the product of two roles' sizes, for a cycle of three,
    for all pairs of four roles that of all four. Computed in float32 under any policy. The tables
    begin with zeros, which makes the roles independent.

    Scores, labels and probabilities of all roles lie side by side in one tensor, in role order:
    below, L is the sum of the sizes.

    >>> crf = RoleCRF({"who": 2, "doing": 3})
    >>> tuple(crf(ops.zeros((1, 5))).shape)
    (1, 5)
    >>> round(float(crf.log_partition(ops.zeros((1, 5)))[0]), 3)  # log(2 * 3)
    1.792

    Args:
        sizes: number of labels of each role: {name: number}, or numbers alone.
        edges: pairs of roles, by name or index, that get a table; None: all pairs, ``[]``: none.
        **kwargs: those of ``keras.layers.Layer``.

    Call arguments:
        unaries: (B, L), any float: scores of all roles' labels.

    Returns:
        (B, L) float32, the marginal probabilities; each role's sum to 1.

    Raises:
        ValueError: no roles, a role without labels, an edge that is no pair of different known
            roles or comes twice, or edges that would need tables beyond any memory.
    """

    def __init__(
        self,
        sizes: Mapping[str, int] | Sequence[int],
        edges: Sequence[tuple[str | int, str | int]] | None = None,
        **kwargs,
    ):
        super().__init__(**{**kwargs, "dtype": "float32"})
        named = isinstance(sizes, Mapping)
        self.roles = tuple(sizes) if named else tuple(f"role{i + 1}" for i in range(len(sizes)))
        self.sizes = tuple(sizes.values()) if named else tuple(sizes)
        if not self.sizes or min(self.sizes) < 1:
            raise ValueError(f"Roles have one label or more each, received sizes={sizes}.")
        if edges is None:
            edges = itertools.combinations(range(len(self.sizes)), 2)
        self.edges = tuple(tuple(sorted(self._index(role) for role in edge)) for edge in edges)
        bad = [edge for edge in self.edges if len(set(edge)) != 2 or self.edges.count(edge) > 1]
        if bad:
            raise ValueError(f"Edges are different pairs of different roles, received {bad}.")
        self._plan = _elimination(self.sizes, self.edges)
        if self.largest_table > _LARGEST_TABLE:
            raise ValueError(
                f"These edges need a table of {self.largest_table} entries an example, at most "
                f"{_LARGEST_TABLE} are allowed. Give fewer edges, such as a tree, or fewer labels."
            )

    def _index(self, role: str | int) -> int:
        if isinstance(role, str) and role in self.roles:
            return self.roles.index(role)
        if isinstance(role, int) and 0 <= role < len(self.sizes):
            return role
        raise ValueError(f"Unknown role {role!r} in edges, the roles are {list(self.roles)}.")

    @property
    def largest_table(self) -> int:
        """Entries of the largest table that inference makes for an example."""
        return max(
            prod(self.sizes[role] for role in (*neighbours, eliminated))
            for eliminated, neighbours in self._plan
        )

    def build(self, unaries_shape):
        if unaries_shape[-1] != sum(self.sizes):
            raise ValueError(
                f"Roles of sizes {self.sizes} have {sum(self.sizes)} scores together, "
                f"received {unaries_shape[-1]}."
            )
        self.tables = [
            self.add_weight(
                shape=(self.sizes[a], self.sizes[b]),
                initializer="zeros",
                autocast=False,  # methods are also called inside of layers of narrower types
                name=f"{self.roles[a]}_{self.roles[b]}",
            )
            for a, b in self.edges
        ]

    def call(self, unaries):
        return self.marginals(unaries)

    def log_partition(self, unaries):
        """Sum the exponential of all labellings' scores.

        Args:
            unaries: (B, L), any float.

        Returns:
            (B,) float32, the natural logarithm of the sum.
        """
        return self._eliminate(self._split(unaries), ops.logsumexp)[1]

    def log_likelihood(self, unaries, labels):
        """Return the log-probability of labels, summed over those of the roles not observed.

        Args:
            unaries: (B, L), any float.
            labels: (B, R) int32, or (B, K, R) for K observations of an example: labels in
                [0, size of the role), or -1 where a role is not observed.

        Returns:
            (B,) or (B, K) float32, at most 0; 0 where nothing is observed.
        """
        labels = ops.cast(labels, "int32")
        several = labels if len(labels.shape) == 3 else labels[:, None]  # (B, K, R)
        allowed = [
            ops.one_hot(several[..., role], size, dtype="float32")
            + ops.cast(several[..., role] < 0, "float32")[..., None]
            for role, size in enumerate(self.sizes)
        ]
        unaries = ops.cast(unaries, "float32")[:, None]
        clamped = ops.where(ops.concatenate(allowed, -1) > 0, unaries, unaries + _EXCLUDED)
        observed = self.log_partition(ops.reshape(clamped, (-1, sum(self.sizes))))
        observed = ops.reshape(observed, ops.shape(labels)[:-1])
        everything = self.log_partition(unaries[:, 0])
        return observed - (everything[:, None] if len(labels.shape) == 3 else everything)

    def marginals(self, unaries):
        """Return each label's probability.

        Args:
            unaries: (B, L), any float.

        Returns:
            (B, L) float32.
        """
        buckets, _ = self._eliminate(self._split(unaries), ops.logsumexp)
        joints, marginals = {}, {}
        # Backwards: P(role, neighbours) = P(role | neighbours) P(neighbours), where the latter is
        # part of the joint probability of the neighbour that was eliminated next.
        for role, neighbours in reversed(self._plan):
            bucket = buckets[role]
            joint = ops.exp(bucket - ops.logsumexp(bucket, axis=-1, keepdims=True))
            if neighbours:
                scope, known = joints[self._next(neighbours)]
                others = tuple(1 + i for i, r in enumerate(scope) if r not in neighbours)
                known = ops.sum(known, axis=others) if others else known
                kept = [r for r in scope if r in neighbours]
                joint = joint * _spread(known, kept, (*neighbours, role))
            joints[role] = ((*neighbours, role), joint)
            marginals[role] = ops.sum(joint, axis=tuple(range(1, 1 + len(neighbours))))
        return ops.concatenate([marginals[role] for role in range(len(self.sizes))], axis=-1)

    def map(self, unaries):
        """Return the likeliest labels together, which need not be each role's likeliest.

        Args:
            unaries: (B, L), any float.

        Returns:
            (B, R) int32. Of several equally likely labellings it is one.
        """
        buckets, _ = self._eliminate(self._split(unaries), _max)
        labels = {}
        for role, neighbours in reversed(self._plan):
            bucket = buckets[role]  # (B, neighbours' sizes, the role's size)
            place = 0
            for neighbour in neighbours:
                place = place * self.sizes[neighbour] + labels[neighbour]
            if neighbours:
                count = prod(self.sizes[r] for r in neighbours)
                bucket = ops.reshape(bucket, (-1, count, self.sizes[role]))
                # A product: to gather, TensorFlow would transpose indices and complain on stderr.
                bucket = ops.einsum("bn,bns->bs", ops.one_hot(place, count), bucket)
            labels[role] = ops.cast(ops.argmax(bucket, axis=-1), "int32")
        return ops.stack([labels[role] for role in range(len(self.sizes))], axis=-1)

    def _split(self, unaries):
        """(B, L) -> one (B, size) float32 a role."""
        if not self.built:
            self.build(unaries.shape)
        unaries = ops.cast(unaries, "float32")
        ends = itertools.accumulate(self.sizes)
        return [unaries[:, end - size : end] for end, size in zip(ends, self.sizes, strict=True)]

    def _eliminate(self, unaries, reduce):
        """Reduce (log-sum-exp or max) one role after the other.

        Returns:
            The sum of all factors with a role at its elimination, {role: (B, neighbours' sizes,
            the role's size)}, and what is left at the end, (B,).
        """
        factors = [(edge, ops.convert_to_tensor(table)[None]) for edge, table in self._edge_tables]
        factors += [((role,), scores) for role, scores in enumerate(unaries)]
        buckets, left = {}, 0.0
        for role, neighbours in self._plan:
            scope = (*neighbours, role)
            bucket = sum(_spread(x, roles, scope) for roles, x in factors if role in roles)
            factors = [factor for factor in factors if role not in factor[0]]
            buckets[role] = bucket
            message = reduce(bucket, axis=-1)
            if neighbours:
                factors.append((neighbours, message))
            else:
                left += message
        return buckets, left

    @property
    def _edge_tables(self):
        return zip(self.edges, self.tables, strict=True)

    def _next(self, roles):
        """Return which of some roles is eliminated first."""
        return next(role for role, _ in self._plan if role in roles)

    def compute_output_shape(self, unaries_shape):
        return unaries_shape

    def get_config(self):
        config = {
            "sizes": dict(zip(self.roles, self.sizes, strict=True)),
            "edges": [list(edge) for edge in self.edges],
        }
        return {**super().get_config(), **config}


def _max(x, axis):
    """Like ops.max, which on TensorFlow refuses a batch of no examples without ``initial``."""
    return ops.max(x, axis=axis, initial=-float("inf"))


def _elimination(sizes, edges):
    """Plan which role is eliminated when, and between which neighbours that makes a table.

    Greedy: next is always the role whose table is the smallest.
    """
    links = {role: set() for role in range(len(sizes))}
    for a, b in edges:
        links[a].add(b)
        links[b].add(a)
    plan = []
    while links:
        role = min(links, key=lambda r: (prod(sizes[n] for n in (r, *links[r])), r))
        neighbours = links.pop(role)
        for neighbour in neighbours:
            links[neighbour] |= neighbours - {neighbour}
            links[neighbour].discard(role)
        plan.append((role, tuple(sorted(neighbours))))
    return plan


def _spread(factor, roles, scope):
    """Turn a factor's axes (B, those of ``roles``) into (B, those of ``scope``), 1 where new."""
    order = sorted(range(len(roles)), key=lambda i: scope.index(roles[i]))
    factor = ops.transpose(factor, (0, *(1 + i for i in order)))
    new = [1 + i for i, role in enumerate(scope) if role not in roles]
    return ops.expand_dims(factor, new) if new else factor
