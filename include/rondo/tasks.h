/// Applications as objects, and what they have in common.
#pragma once
#include <rondo/tasks/classify.h>
#include <rondo/tasks/evaluation.h>
#include <rondo/tasks/forecast.h>
#include <rondo/tasks/lm.h>
#include <rondo/tasks/multi_task.h>
#include <rondo/tasks/options.h>
#include <rondo/tasks/report.h>
#include <rondo/tasks/score.h>
#include <rondo/tasks/speech.h>
#include <rondo/tasks/tag.h>
#include <rondo/tasks/tagged_text.h>
#include <rondo/tasks/task.h>
#include <rondo/tasks/translate.h>
#include <rondo/tasks/trees.h>
