"""Words of PyTorch's and NumPy's that there are not here: the error names what stands for them."""

from __future__ import annotations

import tensorlib as tl
from tensorlib import Shape, Tensor, data, losses, nn, optim

x = tl.zeros((10, 20))
layer = nn.Linear(20, 5)


def case_method() -> Tensor:
    return x.view(40, 5)  # E: Tensor has no attribute "view": use x.reshape(shape)  [attr-defined]


def case_method_of_a_result() -> int:
    return (x + 1).numel()  # E: Tensor has no attribute "numel": use x.size  [attr-defined]


def case_attribute() -> object:
    return layer.weight.grad  # E: Tensor has no attribute "grad": use gradients = loss.backward(), then gradients[x]  [attr-defined]


def case_in_place() -> Tensor:
    return x.add_(1)  # E: Tensor has no attribute "add_": tensors never change, take what an op returns: x = x + y  [attr-defined]


def case_in_a_lambda() -> list[Tensor]:
    return list(map(lambda t: t.unsqueeze(0), [x]))  # E: Tensor has no attribute "unsqueeze": use x.expand_dims(axis)  [attr-defined]


def case_nothing_follows() -> Tensor:
    y = x.float()  # E: Tensor has no attribute "float": use x.astype(np.float32)  [attr-defined]
    z: Tensor = y + x
    return z.relu() @ layer.weight


def case_function() -> Tensor:
    return tl.cat((x, x), dim=1)  # E: tl has no attribute "cat": use tl.concat((x, y), axis=0)  [attr-defined]


def case_context() -> Tensor:
    with tl.no_grad():  # E: tl has no attribute "no_grad": without traced() nothing is recorded: leave it out  [attr-defined]
        return layer(x)


def case_class() -> object:
    return nn.CrossEntropyLoss()(x, x)  # E: nn has no attribute "CrossEntropyLoss": use losses.cross_entropy(scores, classes)  [attr-defined]


def case_layer() -> object:
    return nn.Sequential(layer, nn.Unflatten(1, (1, 5)))(x)  # E: nn has no attribute "Unflatten": use nn.Reshape(shape)  [attr-defined]


def case_loss() -> object:
    return losses.l1_loss(x, x)  # E: losses has no attribute "l1_loss": use losses.mae_loss(input, target)  [attr-defined]


def case_data() -> object:
    return data.DataLoader(x, 5)  # E: data has no attribute "DataLoader": use data.batches(x, y, batch_size=32), or data.Loader(dataset, 32)  [attr-defined]


def case_schedule() -> object:
    return optim.CosineAnnealingLR(optim.SGD(layer))  # E: optim has no attribute "CosineAnnealingLR": use optim.CosineAnnealing(lr, t_max)  [attr-defined]


def case_step_of_a_schedule() -> object:
    return optim.StepDecay(0.1, 3).step()  # E: optim.Schedule has no attribute "step": use optimizer.lr = schedule(optimizer.steps) before each update  [attr-defined]


def case_step() -> object:
    return optim.Adam(layer).step()  # E: optim.Optimizer has no attribute "step": use optimizer.update(model, gradients)  [attr-defined]


def case_module() -> object:
    return layer.train()  # E: nn.Module has no attribute "train": dropout and batch norm act where the input is traced; with_active(False) switches them off  [attr-defined]


def of_a_union(y: Tensor | Tensor[Shape[2]]) -> object:
    return y.view(3)  # E: Tensor has no attribute "view": use x.reshape(shape)  [attr-defined]


def of_a_class() -> object:
    return Tensor.view(x, 3)  # E: "type[Tensor[S_co, T_co, D_co]]" has no attribute "view"  [attr-defined]


def of_what_nobody_has() -> object:
    x.foo()  # E: "Tensor[Shape[10, 20], NoTape]" has no attribute "foo"  [attr-defined]
    tl.foo(x)  # E: Module has no attribute "foo"  [attr-defined]
    return layer.foo  # E: "Linear[Literal[20], Literal[5]]" has no attribute "foo"  [attr-defined]


def not_called() -> object:
    tl.float32  # E: Module has no attribute "float32"  [attr-defined]
    return nn.functional.relu(x)  # E: Module has no attribute "functional"  [attr-defined]


def handed_on() -> object:
    return map(tl.clamp, [x])  # E: Argument 1 to "map" has incompatible type "def clamp(*, _checked: Never) -> Any"; expected "Callable[[Tensor[Shape[10, 20], NoTape]], Any]"  [arg-type]


class Net(nn.Module):
    """What the user defines is no word of PyTorch's."""

    def __init__(self) -> None:
        self.device = "cpu"

    def train(self) -> str:
        return self.device

    def forward(self, y: Tensor) -> Tensor:
        return y.view(3) if hasattr(y, "view") else y
