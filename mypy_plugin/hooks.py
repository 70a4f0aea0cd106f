"""Which hook serves which name: the dispatch tables of the plugin.

What the hooks do stands in the modules beside this one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias, TypeVar

from mypy.errors import ErrorInfo
from mypy.nodes import (
    Decorator,
    FuncDef,
    MemberExpr,
    NameExpr,
    OverloadedFuncDef,
    SymbolNode,
    TypeInfo,
    Var,
)
from mypy.options import Options
from mypy.plugin import (
    AnalyzeTypeContext,
    AttributeContext,
    ClassDefContext,
    DynamicClassDefContext,
    FunctionContext,
    FunctionSigContext,
    MethodContext,
    MethodSigContext,
    Plugin,
)
from mypy.plugins.functools import partial_call_callback
from mypy.types import FunctionLike, Instance, Type, get_proper_type

from mypy_plugin import (
    arguments,
    calls,
    constructors,
    containers,
    generics,
    layers,
    loops,
    members,
    named_ops,
    names,
    op_signatures,
    opening,
    strangers,
    values,
    variance,
    words,
)
from mypy_plugin.annotations import Annotations
from mypy_plugin.codec import Codec
from mypy_plugin.memory import Decisions
from mypy_plugin.messages import refused, watched
from mypy_plugin.ours import Ours, calls_another
from mypy_plugin.ownership import Ownership
from tensorlib.shapes import registry
from tensorlib.shapes.containers import RULES
from tensorlib.shapes.division import divide_terms

AttributeHook: TypeAlias = Callable[[AttributeContext], Type]
BaseClassHook: TypeAlias = Callable[[ClassDefContext], None]
FunctionHook: TypeAlias = Callable[[FunctionContext], Type]
FunctionSigHook: TypeAlias = Callable[[FunctionSigContext], FunctionLike]
MethodHook: TypeAlias = Callable[[MethodContext], Type]
MethodSigHook: TypeAlias = Callable[[MethodSigContext], FunctionLike]


C = TypeVar("C", FunctionContext, MethodContext, AttributeContext)


class Hooks(Plugin):
    """The dispatch tables: from the name of what is called or annotated to the hook for it."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        divide_terms.cache_clear()  # its keys hold type variables of the build before
        self._codec = Codec(self)
        self._annotations = Annotations(self._codec)
        self._ours = Ours(self._codec, remembers=self._codec.remembers)
        self._ownership = Ownership(self._codec)
        self._annotated = Decisions(self.get_type_analyze_hook, keeps=False)
        if self._codec.remembers:
            self._remember_decisions()

    def _remember_decisions(self) -> None:
        """Have mypy ask the memory, in which most of what it asks for is found."""
        decisions = {kind: Decisions(getattr(self, kind)) for kind in _OF_THE_CHECKER}
        for kind, found in {**decisions, "get_type_analyze_hook": self._annotated}.items():
            setattr(self, kind, found.__getitem__)

    # Annotations --------------------------------------------------------------------------------

    def get_type_analyze_hook(self, fullname: str) -> Callable[[AnalyzeTypeContext], Type] | None:
        """Serve ``Shape[...]``, ``Tensor2D[...]`` and generic classes that take bare ints."""
        if self._annotations.is_plain_alias(fullname):
            return None
        found = self._annotations.hook(fullname)
        if found is not None:
            return found
        node = self._node(fullname)
        if self._codec.remembers and self._annotations.takes_no_ints(node):
            self._annotated[fullname] = None
        return self._annotations.generic_hook(fullname, node)

    # Functions and classes ----------------------------------------------------------------------

    def get_function_signature_hook(self, fullname: str) -> FunctionSigHook | None:
        """Serve ops, and functions whose signature mentions shapes."""
        if fullname.startswith(names.DISPLAYS):
            return None
        rule = named_ops.op_rule(fullname)
        if rule is not None:
            return lambda context: op_signatures.op_signature(context, rule, self._codec)
        if fullname in words.FUNCTIONS:
            return partial(words.function_signature, text=words.FUNCTIONS[fullname])
        hook: FunctionSigHook | None = None
        if self._checked_class(fullname) is not None:
            hook = partial(constructors.open_constructor, codec=self._codec, ours=self._ours)
        elif self._has_declared_shapes(fullname):
            hook = self._open_named
        if arguments.library_class(fullname, self._codec) is not None:
            return partial(arguments.open_constructor, codec=self._codec, otherwise=hook)
        return hook

    def _open_named(self, context: FunctionSigContext | MethodSigContext) -> FunctionLike:
        """Open the signature of a function, or of the op that a name of the user's stands for."""
        rule = named_ops.op_behind(context, self._codec)
        if rule is not None:
            return op_signatures.op_signature(context, rule=rule, codec=self._codec)
        return self._open_signature(context)

    def get_function_hook(self, fullname: str) -> FunctionHook | None:
        """Serve ops, constructors, and functions whose signature mentions shapes."""
        if fullname == names.LAST_CALL:
            return self._ownership.finish
        if fullname.startswith(names.DISPLAYS):
            return self._displayed
        hook, rule = self._function_hook(fullname), named_ops.op_rule(fullname)
        if hook is not None and rule is None and isinstance(self._node(fullname), TypeInfo):
            hook = partial(self._made, hook)
        else:
            hook = self._watched(hook, rule)
        made = arguments.library_class(fullname, self._codec)
        return hook if made is None else partial(arguments.constructed, info=made, otherwise=hook)

    def _function_hook(self, fullname: str) -> FunctionHook | None:
        rule = named_ops.op_rule(fullname)
        if rule is not None:
            return lambda context: calls.op_result(context, rule, self._codec)
        if fullname in words.FUNCTIONS:
            return words.function_called
        if fullname == names.BUILD:
            return partial(containers.model_built, codec=self._codec)
        if fullname == names.SEQUENTIAL_FUNCTION:
            return partial(containers.sequential_of_tuple, codec=self._codec)
        info = self._checked_class(fullname)
        if self._is_library_container(fullname):
            return lambda context: self._container_built(context, info)
        if info is not None:
            return lambda context: constructors.constructed(context, info, self._codec)
        if self._has_declared_shapes(fullname):
            return lambda context: self._named_call(context, fullname.rpartition(".")[2])
        if fullname in names.CALLERS or calls_another(self._node(fullname)):
            return lambda context: generics.normalised(context.default_return_type, self._codec)
        return None

    def _displayed(self, context: FunctionContext) -> Type:
        """Return the type of a display or comprehension, which takes no tapes."""
        self._ownership.follow(context.api)
        return generics.normalised(context.default_return_type, self._codec)

    def _made(self, hook: FunctionHook, context: FunctionContext) -> Type:
        """Return the type of a new object, whose constructor takes no tapes."""
        self._ownership.follow(context.api)
        return hook(context)

    # Methods and operators ----------------------------------------------------------------------

    def get_method_signature_hook(self, fullname: str) -> MethodSigHook | None:
        """Serve methods and operators of tensors, calls of modules, methods mentioning shapes."""
        rule = self._method_rule(fullname)
        if rule is not None:
            return lambda context: op_signatures.op_signature(context, rule, self._codec)
        if self._applies_container(fullname):
            return partial(containers.open_application, codec=self._codec)
        if self._ruled_class(fullname) is not None:
            return self._open_signature
        if named_ops.is_attribute(*self._owner(fullname)):
            return self._open_named
        info = self._applied_class(fullname)
        if info is not None and layers.dtype_class(info) is not None:
            return lambda context: self._open_signature(context, dtypes_too=True)
        return self._open_signature if self._method_has_declared_shapes(fullname) else None

    def get_method_hook(self, fullname: str) -> MethodHook | None:
        """Serve the same methods as the signature hook."""
        if named_ops.is_attribute(*self._owner(fullname)):
            return partial(self._attribute_call, subject=fullname.rpartition(".")[2])
        hook = self._method_hook(fullname)
        if hook is not None and self._applied_class(fullname) is not None:
            hook = loops.quiet_in_turn(hook)
        return self._watched(hook, self._method_rule(fullname))

    def _method_hook(self, fullname: str) -> MethodHook | None:
        rule = self._method_rule(fullname)
        if rule is not None:
            return lambda context: calls.op_result(context, rule, self._codec)
        if strangers.takes_anything(fullname, self._codec):
            met = registry.find(fullname.rpartition(".")[2])
            return met and partial(strangers.meeting_a_tensor, codec=self._codec, op=met.name)
        if self._applies_container(fullname):
            return partial(containers.container_applied, codec=self._codec)
        base = self._ruled_class(fullname)
        if base is not None:
            return partial(layers.layer_applied, codec=self._codec, base=base)
        if fullname == names.PARTIAL_CALL:  # which mypy serves itself, if no other plugin does
            return lambda context: generics.normalised(partial_call_callback(context), self._codec)
        info, method = self._owner(fullname)
        if info is not None and words.is_missing(info, method):
            return partial(words.called, codec=self._codec)
        if method == "__getitem__" and info is not None and info.has_base(names.CONTAINER):
            return partial(containers.member_taken, codec=self._codec)
        if not self._method_has_declared_shapes(fullname):
            return None
        if info is not None and method in _CALLS and info.has_base(names.MODULE):
            return self._module_call
        if info is not None and info.fullname == names.MAPS:
            return self._model_call
        subject = ".".join(fullname.split(".")[-2:])
        return lambda context: self._call(context, subject, named=True)

    # Attributes ---------------------------------------------------------------------------------

    def get_attribute_hook(self, fullname: str) -> AttributeHook | None:
        """Serve ``x.shape``, properties that are ops such as ``x.T``, members of containers."""
        if self._is_shape(fullname):
            return partial(values.shape_type, codec=self._codec)
        rule = self._property_rule(fullname)
        if rule is not None:
            return self._watched(lambda c: calls.property_type(c, rule, self._codec), rule)
        owner, _, field = fullname.rpartition(".")
        if self._is_library_container(owner) and field in RULES[owner.rpartition(".")[2]].fields:
            return partial(containers.field_taken, codec=self._codec)
        info = self._codec.info(owner) if owner else None
        defined = None if info is None else info.get(field)
        if info is not None and words.is_missing(info, field):
            return words.attribute_hook(owner, field)
        node = None if defined is None else defined.node
        declarer = node.info if isinstance(node, Var | Decorator) else None
        if declarer is None or not any(map(self._codec.takes_ints, declarer.defn.type_vars)):
            return None
        return lambda context: generics.normalised(context.default_attr_type, self._codec)

    # Classes ------------------------------------------------------------------------------------

    def get_base_class_hook(self, fullname: str) -> BaseClassHook | None:
        """Serve classes of modules."""
        info = self._codec.info(fullname)
        if info is None or not info.has_base(names.MODULE):
            return None
        return lambda context: variance.make_sizes_covariant(context.cls.info, self._codec)

    def get_customize_class_mro_hook(self, fullname: str) -> BaseClassHook | None:
        """Serve classes that are asked for attributes by PyTorch's names."""
        return words.have_asked if fullname in words.OWNERS else None

    def get_dynamic_class_hook(
        self, fullname: str
    ) -> Callable[[DynamicClassDefContext], None] | None:
        """Serve modules that are asked for functions by PyTorch's names."""
        return words.declare if fullname == names.WORDS_OF_MODULE else None

    # Ownership of tapes -------------------------------------------------------------------------

    def _watched(
        self, hook: Callable[[C], Type] | None, rule: registry.Rule | None
    ) -> Callable[[C], Type] | None:
        """Return a hook that notes which tapes the call takes, too."""
        if hook is None:
            return None

        return partial(self._noted, hook, rule)

    def _noted(self, hook: Callable[[C], Type], rule: registry.Rule | None, context: C) -> Type:
        certain: list[ErrorInfo] = []
        with watched(context.api, certain):
            result = hook(context)
        if certain:  # what is refused raises, and then takes no tape
            self._ownership.forget(context)
        else:
            self._ownership.note(context, rule, result)
        return result

    # What a name stands for ---------------------------------------------------------------------

    def _node(self, fullname: str) -> SymbolNode | None:
        found = self.lookup_fully_qualified(fullname)
        return None if found is None else found.node

    def _checked_class(self, fullname: str) -> TypeInfo | None:
        """Return the class of this name whose constructor is checked here, if it is one."""
        node = self._node(fullname) if "." in fullname else None
        if isinstance(node, TypeInfo) and constructors.is_checked_class(node, self._ours):
            return node
        return None

    def _owner(self, fullname: str) -> tuple[TypeInfo | None, str]:
        """Return the class and the name of a method."""
        owner, _, method = fullname.rpartition(".")
        return self._codec.info(owner) if owner else None, method

    def _method_rule(self, fullname: str) -> registry.Rule | None:
        info, method = self._owner(fullname)
        if info is None or not info.has_base(names.TENSOR):
            return None
        defined = info.get(method)
        if defined is None or defined.node is None:
            return None
        if not defined.node.fullname.startswith(names.TENSOR):
            return None
        return registry.find(method)

    def _property_rule(self, fullname: str) -> registry.Rule | None:
        if registry.find(fullname.rpartition(".")[2]) is None:  # most attributes of a program
            return None
        info, name = self._owner(fullname)
        defined = None if info is None else info.get(name)
        node = None if defined is None else defined.node
        is_property = isinstance(node, Decorator) and node.var.is_property
        return self._method_rule(fullname) if is_property else None

    def _is_shape(self, fullname: str) -> bool:
        owner, _, name = fullname.rpartition(".")
        info = self._codec.info(owner) if name == "shape" else None
        return info is not None and info.has_base(names.TENSOR)

    def _is_library_container(self, fullname: str) -> bool:
        info = self._codec.info(fullname) if fullname.startswith(names.LAYER_MODULES) else None
        return info is not None and members.rule_of(info) is not None

    def _applied_class(self, fullname: str) -> TypeInfo | None:
        """Return the class of a module that this method applies, if it does that."""
        owner, _, method = fullname.rpartition(".")
        info = self._codec.info(owner) if owner and method in _CALLS else None
        return info if info is not None and info.has_base(names.MODULE) else None

    def _applies_container(self, fullname: str) -> bool:
        info = self._applied_class(fullname)
        return info is not None and members.is_container(info)

    def _ruled_class(self, fullname: str) -> TypeInfo | None:
        """Return the layer with a rule of its own that this method applies, if it does that."""
        info = self._applied_class(fullname)
        return None if info is None else layers.ruled_class(info)

    def _has_declared_shapes(self, fullname: str) -> bool:
        if "." not in fullname:  # a nested function or a callable variable: the hook decides
            return True
        return self._mentions_dims(self._node(fullname))

    def _method_has_declared_shapes(self, fullname: str) -> bool:
        if "." not in fullname:
            return True
        info, method = self._owner(fullname)
        if info is None or info.has_base(names.TENSOR):
            return False
        if method == "__call__" and info.has_base(names.MODULE):
            method = "forward"
        defined = info.get(method)
        return defined is not None and self._mentions_dims(defined.node)

    def _mentions_dims(self, node: SymbolNode | None) -> bool:
        if isinstance(node, FuncDef):
            typ = node.type
            return typ is not None and self._ours.concerns(typ)
        if isinstance(node, OverloadedFuncDef):
            return False  # mypy chooses the item by its own comparison of shapes
        return isinstance(node, Decorator | Var)

    # Calls by declared signature ----------------------------------------------------------------

    def _open_signature(
        self, context: FunctionSigContext | MethodSigContext, *, dtypes_too: bool = False
    ) -> FunctionLike:
        prepared = opening.prepared_signature(
            context, self._codec, self._ours, dtypes_too=dtypes_too
        )
        if not prepared.tensors:
            return prepared.opened
        subject = partial(self._callee, context)
        refused = strangers.refuse_strangers(context, self._codec, subject, prepared.tensors)
        return prepared.opened if refused is None else refused

    def _callee(self, context: FunctionSigContext | MethodSigContext) -> str:
        """Name what is called."""
        if isinstance(context, MethodSigContext):
            return members.label(context.type, self._codec)
        return strangers.callee_name(context.default_signature)

    def _container_built(self, context: FunctionContext, sized: TypeInfo | None) -> Type:
        built = context.default_return_type
        if sized is not None:
            built = constructors.constructed(context, sized, self._codec)
        return containers.container_built(context, self._codec, built)

    def _module_call(self, context: MethodContext) -> Type:
        if strangers.is_refused(context.default_return_type):
            return refused(context.api)
        named = len(context.callee_arg_names) > 1
        owner = get_proper_type(context.type)
        base = layers.dtype_class(owner.type) if isinstance(owner, Instance) else None
        subject = partial(members.label, owner, self._codec)
        call = generics.SignatureCall(context, self._codec, subject, named=named)
        result = self._result(call, context)
        if base is None or call.is_refused:
            return result
        return layers.with_dtype(context, self._codec, base, result)

    def _model_call(self, context: MethodContext) -> Type:
        """Check a call of a parameter declared as ``nn.Maps``, which has no name of its own."""
        callee = getattr(context.context, "callee", None)
        subject = callee.name if isinstance(callee, NameExpr | MemberExpr) else "nn.Maps"
        return self._call(context, subject, named=False)

    def _named_call(self, context: FunctionContext, subject: str) -> Type:
        rule = named_ops.op_behind(context, self._codec)
        if rule is None:
            return self._call(context, subject, named=True)
        return self._noted(lambda c: calls.op_result(c, rule, self._codec), rule, context)

    def _attribute_call(self, context: MethodContext, subject: str) -> Type:
        rule = named_ops.op_behind(context, self._codec)
        if rule is None:
            return self._noted(lambda c: self._call(c, subject, named=True), None, context)
        call = named_ops.as_function(context)
        return self._noted(lambda c: calls.op_result(c, rule, self._codec), rule, call)

    def _call(self, context: FunctionContext | MethodContext, subject: str, *, named: bool) -> Type:
        call = generics.SignatureCall(context, self._codec, lambda: subject, named=named)
        return self._result(call, context)

    def _result(
        self, call: generics.SignatureCall, context: FunctionContext | MethodContext
    ) -> Type:
        carried = opening.carried(context.default_return_type)
        if strangers.is_refused(context.default_return_type):
            return refused(context.api)
        if carried is None:  # sizes of the class may be in it
            return generics.normalised(context.default_return_type, self._codec)
        result = call.result(*carried)
        return refused(context.api, result) if call.is_refused else result


_CALLS = ("__call__", "forward")
_OF_THE_CHECKER = (
    "get_function_signature_hook",
    "get_function_hook",
    "get_method_signature_hook",
    "get_method_hook",
    "get_attribute_hook",
)
"""Hooks that mypy asks for when it knows all of the name."""
