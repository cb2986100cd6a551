/// Examples and batches: Dataset and its sources, readers for labelled text, the Batches that training walks
/// through, and Prefetch, which packs them ahead.
#pragma once
#include <rondo/data/batches.h>
#include <rondo/data/dataset.h>
#include <rondo/data/packed_batches.h>
#include <rondo/data/pad_sequences.h>
#include <rondo/data/prefetch.h>
#include <rondo/data/read.h>
#include <rondo/data/source.h>
