/// Layers as plain data. A Sequential is built from them, and its file's header holds them. The live modules
/// are in nn.h.
#pragma once
#include <rondo/layers/activate.h>
#include <rondo/layers/attention_pooling.h>
#include <rondo/layers/choices.h>
#include <rondo/layers/conv1d.h>
#include <rondo/layers/crf.h>
#include <rondo/layers/dense.h>
#include <rondo/layers/dropout.h>
#include <rondo/layers/embedding.h>
#include <rondo/layers/highway.h>
#include <rondo/layers/input.h>
#include <rondo/layers/layer_norm.h>
#include <rondo/layers/pooling.h>
#include <rondo/layers/recurrent.h>
#include <rondo/layers/tokens.h>
#include <rondo/layers/window_pooling.h>
