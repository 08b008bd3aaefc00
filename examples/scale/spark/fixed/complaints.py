"""Sorts the complaints of a month.

    python complaints.py
"""

from pyspark.sql import SparkSession

from triage import sort_out

COMPLAINTS = ["The lid came off. I burnt my hand.", "It burnt the table, twice."]


def main() -> None:
    spark = SparkSession.builder.master("local[2]").appName("complaints").getOrCreate()
    complaints = spark.sparkContext.parallelize(COMPLAINTS, 2)
    for worker, department in complaints.mapPartitions(sort_out).collect():
        print(f"worker {worker}: {department}")
    spark.stop()


if __name__ == "__main__":
    main()
