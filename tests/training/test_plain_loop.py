"""The compiled training against epochs written out: Nadam, clipping, multipliers and stopping in plain numpy."""

import keras
import numpy as np
import pytest
from support import problems

from n3fit.model.pdf_model import build_pdf_model
from n3fit.model.training_model import (
    INTEGRABILITY_PENALTY,
    POSITIVITY_PENALTY,
    TRAINED_OUTPUTS,
    TRAINING,
    VALIDATION,
    build_training_model,
)
from n3fit.progress import NullReporter
from n3fit.training.trainer import train_replicas

EPOCHS, REPLICAS = 200, 5
RATE, CLIPNORM, PATIENCE, DELTA = 5e-3, 6.073e-6, 0.15, 0.5


def gradients_and_losses(model, multipliers):
    """Return the function of the trained weights that gives the gradients and every output (R,); multipliers change."""
    import jax

    inputs = {name: jax.numpy.asarray(value) for name, value in model._named_inputs.arrays().items()}
    others = [variable.value for variable in model.non_trainable_variables]
    paths = [variable.path for variable in model.non_trainable_variables]
    places = {name: next(i for i, path in enumerate(paths) if path == f"{name}/lagMult") for name in multipliers}

    def total(weights, values):
        changed = list(others)
        for name, place in places.items():
            changed[place] = values[name]
        outputs, _ = model.stateless_call(weights, changed, inputs, training=True)
        by_name = {
            name: output[0] for name, output in zip(model.unique_output_names, keras.tree.flatten(outputs), strict=True)
        }
        return sum(by_name[name].sum() for name in by_name if name in TRAINED_OUTPUTS), by_name

    return jax.jit(jax.value_and_grad(total, has_aux=True))


class PlainNadam:
    """Nadam of T. Dozat (2016) for weights whose first axis is that of the replicas, with the constants of Keras."""

    def __init__(self, weights):
        self.first, self.second = ([np.zeros_like(weight) for weight in weights] for _ in range(2))
        self.step, self.product = 0, 1.0

    def update(self, weights, gradients, active):
        self.step += 1
        now, after = (0.9 * (1 - 0.5 * 0.96 ** (self.step + ahead)) for ahead in (0, 1))
        self.product *= now
        for index, gradient in enumerate(gradients):
            for replica in np.flatnonzero(active):
                g = gradient[replica]
                norm = np.linalg.norm(g)
                g = g * (CLIPNORM / norm) if norm > CLIPNORM else g
                m = self.first[index][replica] = 0.9 * self.first[index][replica] + 0.1 * g
                v = self.second[index][replica] = 0.999 * self.second[index][replica] + 0.001 * g * g
                ahead = after * m / (1 - self.product * after) + (1 - now) * g / (1 - self.product)
                weights[index][replica] -= RATE * ahead / (np.sqrt(v / (1 - 0.999**self.step)) + 1e-7)


def train_plainly(problem):
    """Return best weights, stop and best epochs, and the best losses."""
    model = build_training_model(build_pdf_model(problems.make_architecture(), range(1, REPLICAS + 1)), problem)
    penalties = {POSITIVITY_PENALTY: problem.positivity, INTEGRABILITY_PENALTY: problem.integrability}
    evaluate = gradients_and_losses(model, penalties)
    weights = [np.array(variable.value) for variable in model.trainable_variables]
    best = [weight.copy() for weight in weights]
    optimiser = PlainNadam(weights)
    active = np.ones(REPLICAS, dtype=bool)
    stop, best_epoch, waited = np.zeros(REPLICAS, int), np.full(REPLICAS, -1), np.zeros(REPLICAS, int)
    lowest, best_training = np.full(REPLICAS, np.inf), np.full(REPLICAS, np.inf)
    for epoch in range(EPOCHS):
        multipliers = {name: entry.initial * entry.growth ** (epoch // 100) for name, entry in penalties.items()}
        (_, outputs), gradients = evaluate(weights, multipliers)
        training, validation = (np.array(outputs[name]) for name in (TRAINING, VALIDATION))
        for replica in np.flatnonzero(active):
            stop[replica] = epoch
            loss = validation[replica] / problem.validation_points[replica]
            if loss < lowest[replica] - DELTA:
                lowest[replica], best_epoch[replica], waited[replica] = loss, epoch, 0
                best_training[replica] = training[replica] / problem.training_points[replica]
                for kept, weight in zip(best, weights, strict=True):
                    kept[replica] = weight[replica]
            else:
                waited[replica] += 1
                active[replica] = waited[replica] < PATIENCE * EPOCHS
        optimiser.update(weights, [np.array(gradient) for gradient in gradients], active)
    return best, stop, best_epoch, lowest, best_training


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="takes its gradients from JAX")
def test_200_epochs(double_precision):
    """Weights to 1e-8, and the same decisions."""
    problem = problems.make_problem(REPLICAS)
    settings = problems.make_settings(
        epochs=EPOCHS,
        stopping_patience=PATIENCE,
        stopping_delta=DELTA,
        optimizer={"optimizer_name": "Nadam", "learning_rate": RATE, "clipnorm": CLIPNORM},
    )
    trained = train_replicas(
        settings, problems.make_architecture(), problem, list(range(1, REPLICAS + 1)), progress=NullReporter()
    )
    best, stop, best_epoch, lowest, best_training = train_plainly(problem)
    assert len(set(stop.tolist())) > 1
    np.testing.assert_array_equal(trained.record.stop_epoch, stop)
    np.testing.assert_array_equal(trained.record.best_epoch, best_epoch)
    np.testing.assert_allclose(trained.record.validation_chi2, lowest, rtol=1e-8)
    np.testing.assert_allclose(trained.record.training_chi2, best_training, rtol=1e-8)
    for variable, kept in zip(trained.pdf_model.trainable_variables, best, strict=True):
        np.testing.assert_allclose(variable.numpy(), kept, rtol=0, atol=1e-8)
