/// All of rondo. Each header can also be included by itself.
#pragma once
#include <rondo/autograd.h>
#include <rondo/callbacks.h>
#include <rondo/data.h>
#include <rondo/description.h>
#include <rondo/error.h>
#include <rondo/layers.h>
#include <rondo/model.h>
#include <rondo/network.h>
#include <rondo/nn.h>
#include <rondo/ops.h>
#include <rondo/optim.h>
#include <rondo/runtime.h>
#include <rondo/tensor.h>
#include <rondo/text.h>
#include <rondo/train.h>
#include <rondo/version.h>
