"""Ray, Dask and Spark: a function of the script is sent as a copy, with the globals it names.

Observed with Ray's and Dask's local clusters and with Spark in local mode. A function that is
imported from a module is sent by its name, and the worker imports that module; the script itself
is not run there (but by Dask's nannies, which are spawned).
"""

from __future__ import annotations

from callscope.contracts.boundaries.boundary import Boundary, Engines, Hook, Sends

RAY = Boundary(
    "ray",
    "a Ray worker",
    "by-value",
    long_lived=True,
    concurrent=False,
    fix="build the agent inside the task, or in the actor's `__init__`",
    ships_once=True,
    raises="TypeError",
)
DASK = Boundary(
    "dask",
    "a Dask worker",
    "by-value",
    long_lived=False,
    concurrent=False,
    fix="register in a `WorkerPlugin` or by `client.run`, or build the agent inside the task",
    raises="TypeError",
)
SPARK = Boundary(
    "spark",
    "a Spark executor",
    "by-value",
    long_lived=False,
    concurrent=False,
    fix="build the agent inside the function, once per partition",
    raises="PicklingError",
)

_RDDS = (
    "pyspark.SparkContext().parallelize()",
    "pyspark.sql.SparkSession.builder.getOrCreate().sparkContext.parallelize()",
)

CLUSTERS = Engines(
    decorators={"ray.remote": RAY, "ray.remote()": RAY},
    sends={
        "dask.distributed.Client().submit": Sends(DASK, 0, "func"),
        "dask.distributed.Client().map": Sends(DASK, 0, "func"),
        "dask.delayed": Sends(DASK, 0, "obj"),
        **{
            f"{rdd}.{method}": Sends(SPARK, 0, "f")
            for rdd in _RDDS
            for method in ("map", "flatMap", "foreach", "mapPartitions", "foreachPartition")
        },
    },
    dispatches={
        **{f"{made}.remote": RAY for made in ("ray.remote()", "ray.remote()()")},
        **{f"{made}.options().remote": RAY for made in ("ray.remote()", "ray.remote()()")},
    },
    hooks={
        "dask.distributed.Client().run": Hook("dask"),
        "dask.distributed.Client().register_worker_callbacks": Hook("dask"),
    },
    hook_methods={"dask.distributed.WorkerPlugin": {"setup": Hook("dask")}},
    fluent=frozenset(
        {
            *(f"pyspark.sql.SparkSession.builder.{m}" for m in ("master", "appName", "config")),
            "pyspark.sql.SparkSession.builder.enableHiveSupport",
            *(f"{rdd}.{m}" for rdd in _RDDS for m in ("map", "flatMap", "filter", "repartition")),
        }
    ),
    in_process={"dask.distributed.Client": ("processes", False)},
    aliases={
        "dask.delayed.delayed": "dask.delayed",
        "distributed.Client": "dask.distributed.Client",
        "distributed.WorkerPlugin": "dask.distributed.WorkerPlugin",
        "distributed.LocalCluster": "dask.distributed.LocalCluster",
        "distributed.client.Client": "dask.distributed.Client",
        "pyspark.context.SparkContext": "pyspark.SparkContext",
    },
)

PROCESS_SCHEDULERS = ("processes", "multiprocessing")
"""What ``compute(scheduler=...)`` is given to have Dask's delayed work done by processes."""
