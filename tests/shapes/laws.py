"""Equations of dimensions: what must be proven, by families of laws, and what must not.

`tests/shapes/test_laws.py` tests that the laws hold, that they are proven, and that none is an
instance of another.
"""

from __future__ import annotations

from typing import NamedTuple

DEMANDED = [
    "(a + b)*c == a*c + b*c",
    "(2*n)//2 == n",
    "(n*m)//m == n",
    "(h + 2*p - k)//s + 1 == (h - k + 2*p)//s + 1",
    "(n + 2)//2 == n//2 + 1",
    "(n//a)//b == n//(a*b)",
    "(a*b)//(c*b) == a//c",
    "(h + 1)//2 == (h - 1)//2 + 1",
    "(2*n + 1)//2 == n",
    "(2*a + 2*b)//2 == a + b",
    "(4*a + 6*b)//2 == 2*a + 3*b",
    "(a + c)//c == a//c + 1",
    "(n*a + m)//a == n + m//a",
    "n//2 + (n + 1)//2 == n",
    "(h - 1)*2 - 2 + 4 == 2*h",
]


class Family(NamedTuple):
    """Laws of one kind, and mistakes that are like them."""

    true: list[str]
    false: list[str]


FAMILIES = {
    "sums and products": Family(
        true=[
            "(a + b)*(a - b) == a*a - b*b",
            "(a + b)*(a + b) == a*a + 2*a*b + b*b",
            "-(a - b) == b - a",
            "(a + 1)*(b + 1) - a*b - a - b == 1",
            "a - (b - c) == a - b + c",
            "(a + b)*(c + d) == a*c + a*d + b*c + b*d",
            "(a - 1)*(a*a + a + 1) == a*a*a - 1",
            "n*(n + 1) - (n - 1)*n == 2*n",
        ],
        false=[
            "n*n == n",
            "a*b == a + b",
            "n == 1",
            "(a + b)*(a + b) == a*a + b*b",
            "a - (b - c) == a - b - c",
        ],
    ),
    "signs": Family(
        true=[
            "(-a)//(-b) == a//b",
            "a//(-b) == (-a)//b",
            "-(n//m) == (m - 1 - n)//m",
            "(-1)//n == -1",
            "(-n)//n == -1",
            "(a - b)//c + (b - a - 1)//c == -1",
            "a//(b - c) == (-a)//(c - b)",
            "(a - b)//(b - a) == -1",
        ],
        false=["-(n//2) == (-n)//2", "-(n//m) == (m - n)//m", "a//b == b//a", "(-1)//n == 0"],
    ),
    "common factors": Family(
        true=[
            "(n*m - n)//(m - 1) == n",
            "(a*a - b*b)//(a - b) == a + b",
            "(a*b + b - 1)//(b*c) == a//c",
            "(3*n + 1)//(3*m) == n//m",
            "(a*b*c + b)//(a*b) == c + 1//a",
            "(a*a*a - b*b*b)//(a - b) == a*a + a*b + b*b",
            "(a*a - b*b + c)//(a + b) == a - b + c//(a + b)",
            "(6*a + 4)//4 == (3*a)//2 + 1",
        ],
        false=[
            "(n*a)//b == n*(a//b)",
            "(a*b + b)//(b*c) == a//c",
            "n//n == n",
            "(3*n + 3)//(3*m) == n//m",
            "(a*a + b*b)//(a + b) == a + b",
        ],
    ),
    "multiples split off": Family(
        true=[
            "(n*a - m)//a == n + (-m)//a",
            "(a*b - 1)//b == a - 1",
            "(a + 2*b)//3 == (a - b)//3 + b",
            "(a + b)//(a - b) == 1 + (2*b)//(a - b)",
            "(n + a*b - 1)//a == b + (n - 1)//a",
            "(n*n - n)//2 + n == (n*n + n)//2",
        ],
        false=[
            "(a + b)//c == a//c + b//c",
            "a//(b + c) == a//b + a//c",
            "(a + 2*b)//3 == a//3 + b",
            "(a*b - 1)//b == a",
        ],
    ),
    "remainders": Family(
        true=[
            "((n//m)*m)//m == n//m",
            "((n//m)*m + m - 1)//m == n//m",
            "((n//m)*m + n)//m == 2*(n//m)",
            "(2*n - 2*(n//2))//2 == (n + 1)//2",
            "(n - a*b*(n//(a*b)))//a == n//a - b*(n//(a*b))",
            "(n//(h*w))*h*w + (n//w - h*(n//(h*w)))*w + (n - w*(n//w)) == n",
        ],
        false=[
            "2*(n//2) == n",
            "h*(d//h) == d",
            "(a//b)*b + 1 == a",
            "n - m*(n//m) == 0",
            "((n//m)*m + m)//m == n//m",
        ],
    ),
    "nested divisions": Family(
        true=[
            "(n//a + b)//c == (n + a*b)//(a*c)",
            "(n//a - b)//c == (n - a*b)//(a*c)",
            "(b - n//a)//c == (a*b + a - 1 - n)//(a*c)",
            "((n*m)//a)//m == n//a",
            "((n*a + b)//c)//a == (n + b//a)//c",
            "(n//a + n*b)//(a*b + 1) == n//a",
            "(n//a)//b == (n//b)//a",
        ],
        false=[
            "(n//a)//b == n//(a + b)",
            "(n//a + b)//c == (n + b)//(a*c)",
            "n//(a//b) == (n*b)//a",
            "(n//a)*b == (n*b)//a",
        ],
    ),
    "rounding up": Family(
        true=[
            "-((-n)//m) == (n + m - 1)//m",
            "(n*a - n)//a + (n + a - 1)//a == n",
            "((n + 1)//2)*2 - n == n - 2*(n//2)",
            "(a - b)//c + (b - a + c - 1)//c == 0",
            "(n//a + b - 1)//b == (n + a*b - a)//(a*b)",
        ],
        false=[
            "n//2 == (n + 1)//2",
            "(n + m)//m == (n - 1)//m + 1",
            "(n + m - 1)//m == n//m + 1",
            "(n//a + b - 1)//b == (n + a*b - 1)//(a*b)",
        ],
    ),
    "consecutive numerators": Family(
        true=[
            "n//4 + (n + 1)//4 + (n + 2)//4 + (n + 3)//4 == n",
            "n//(2*m) + (n + m)//(2*m) == n//m",
            "n//(3*m) + (n + m)//(3*m) + (n + 2*m)//(3*m) == n//m",
            "n//(5*m) + (n + m)//(5*m) + (n + 2*m)//(5*m) + (n + 3*m)//(5*m) + (n + 4*m)//(5*m)"
            " == n//m",
            "(n//m)//2 + (n//m + 1)//2 == n//m",
            "(a + b)//2 + (a - b + 1)//2 == a",
            "n//3 + (n + 2)//6 + (n + 4)//6 == n//2 + (n + 3)//6",
            "(a - b)//3 + (a - b + 1)//3 + (a + 2*b + 2)//3 == a",
        ],
        false=[
            "n//3 + (n + 1)//3 + (n + 3)//3 == n",
            "n//4 + (n + 1)//4 == n//2",
            "n//3 + (n + 1)//3 == n//2",
            "(a + b)//2 + (a - b)//2 == a",
        ],
    ),
    "convolution and pooling": Family(
        true=[
            "((h - 1)//s + 1 - 1)//t + 1 == (h + s*t - 1)//(s*t)",
            "((h - k)//s + 1 - k)//s + 1 == (h - k + s - s*k)//(s*s) + 1",
            "(n*k - k)//k + 1 == n",
            "(h + 2*p - (d*(k - 1) + 1))//s + 1 == (h + 2*p - d*k + d - 1)//s + 1",
            "((s*t*h - 1)//s)//t + 1 == h",
            "(h - k + s - 1)//s + 1 == (h - k - 1)//s + 2",
            "((h - j)//j + 1 - k)//k + 1 == h//(j*k)",
        ],
        false=[
            "(h - 1)//2 + 1 == h//2",
            "(h + 2*p - k)//s + 1 == (h + p - k)//s + 1",
            "(h - k)//s + 1 == (h - k + 1)//s",
            "((h - k)//s + 1 - k)//s + 1 == (h - k)//(s*s) + 1",
            "(h - k + s - 1)//s + 1 == (h - k)//s + 1",
            "((h - k)//k + 1)*k == h",
            "(h - k)//k == h//k",
        ],
    ),
    "transposed convolution": Family(
        true=[
            "(h - 1)*s - 2*p + (s + 2*p) == s*h",
            "((h - k)//s)*s + k + (h - k - s*((h - k)//s)) == h",
            "((h - k)//s)*s + k - s*((h - k)//s) == k",
            "(((h - k)//s + 1 - 1)*s + k - k)//s + 1 == (h - k)//s + 1",
        ],
        false=[
            "((h - k)//s + 1 - 1)*s + k == h",
            "(h - 1)*s + k == s*h",
            "((h - 1)*s + k + s - k)//s + 1 == h",
        ],
    ),
    "patches and heads": Family(
        true=[
            "((p*h)//p)*((p*w)//p) == h*w",
            "h*((h*d)//h) == h*d",
            "(c*((h//p)*p)*((w//p)*p))//(p*p) == c*(h//p)*(w//p)",
            "((n*c*h*w)//(c*h))//w == n",
            "((p*h + p - 1)//p)*((p*w + p - 1)//p) == h*w",
            "(3*e)//3 + (6*e)//3 == 3*e",
        ],
        false=[
            "(h//p)*(w//p)*p*p == h*w",
            "(h//p)*(w//p) == (h*w)//(p*p)",
            "(n*c*h*w)//(c*w) == n",
            "(n//2)*(n//2) == n*n//4",
        ],
    ),
    "products of divisions": Family(
        true=[
            "(n//2 + m)*((n + 1)//2 + m) - (n//2)*((n + 1)//2) == n*m + m*m",
            "(n - n//2)*(n - n//2) == ((n + 1)//2)*((n + 1)//2)",
            "(a//b + c//d)*(a//b - c//d) == (a//b)*(a//b) - (c//d)*(c//d)",
            "((n*m + m)//m)*((n*k - k)//k) == n*n - 1",
            "b*(n//2) + b*((n + 1)//2) == b*n",
            "(a//b)*(c + 1) - (a//b)*c == a//b",
        ],
        false=[
            "(a//b)*(c//d) == (a*c)//(b*d)",
            "b*(n//2) + b*((n + 1)//2) == n",
            "(n//2)*(n//2) == ((n + 1)//2)*((n + 1)//2)",
        ],
    ),
    "bounded quotients": Family(
        true=[
            "(-n)//(n + m) == -1",
            "(a//b)//(a + c) == 0",
            "(a - 1)//(a*b) == 0",
            "(n*n - 1)//(n*n + n) == 0",
            "(a + b - 2)//(a*b) == 0",
            "(n - n//2 - 1)//n == 0",
            "(2*n + m)//(n + m) == 1",
            "11//(5*n) == 2//n",
        ],
        false=[
            "1//n == 0",
            "n//(n*m) == 0",
            "(n - m)//n == 0",
            "(a//b)//a == 0",
            "7//(3*n) == 3//n",
        ],
    ),
}
CASES = Family(
    true=[
        "(n*n)//4 == (n//2)*((n + 1)//2)",
        "2*((n*n + n)//2) == n*n + n",
        "(n*n + 2)//4 == (n*n)//4",
        "6*((n*n*n - n)//6) == n*n*n - n",
        "(n*n + 1)//3 == (n*n)//3",
        "2*((a*a + a + b*b + b)//2) == a*a + a + b*b + b",
        "(n*(n + 1)//2)*(n*(n + 1)//2) == (n*n*(n + 1)*(n + 1))//4",
        "(n*n)//8 == ((n//2)*((n + 1)//2))//2",
    ],
    false=[
        "(n*n)//4 == (n//2)*(n//2)",
        "3*((n*n + n)//3) == n*n + n",
        "(n*n + 3)//4 == (n*n)//4",
        "6*((n*n*n + n)//6) == n*n*n + n",
    ],
)
"""What is proven by going through the remainders of sizes; the normal forms differ."""

EXAMPLES = [
    "(n - 1)//n == 0",
    "a//(a + b) == 0",
    "7//(3*n) == 2//n",
    "a*(b*c) == c*b*a",
    "a - -b == a + b",
    "(6*a*b)//(4*b*c) == (3*a)//(2*c)",
    "(a*c + b*c + d)//(a + b) == c + d//(a + b)",
    "((a + b)*c)//((a + b)*d) == c//d",
    "a//(-2) == (-a)//2",
    "(h*w*c)//(h*w) == c",
    "(b*t*h*d)//(h*d) == b*t",
    "(n*(n//2))//(n//2) == n",
    "(2*n + 1)//4 == n//2",
    "(6*n + 5)//3 == 2*n + 1",
    "(4*n + 3)//2 == 2*n + 1",
    "(n*k + k - 1)//k == n",
    "(n + m - 1)//(n + m) == 0",
    "5//(n + 5) == 0",
    "3//(2*n) == 1//n",
    "(n + 5)//(n + 3) == 1 + 2//(n + 3)",
    "(n - 2*(n//2))//2 == 0",
    "(n//3)//n == 0",
    "(-n)//2 == n//2 - n",
    "(-n)//m == -((n + m - 1)//m)",
    "-(n//3) == (2 - n)//3",
    "((h - 1)//2 + 1 - 1)//2 + 1 == (h + 3)//4",
    "((h - 3)//2 + 1 - 3)//2 + 1 == (h - 3)//4",
    "(h + 2*1 - 3)//1 + 1 == h",
    "(2*h - 2)//2 + 1 == h",
    "((h//2)//2)//2 == h//8",
    "(h//s + 1)//t == (h + s)//(s*t)",
    "(4*h + 2*3 - 7)//4 + 1 == h",
    "n//3 + (n + 1)//3 + (n + 2)//3 == n",
    "n//4 + (n + 2)//4 == n//2",
    "n//6 + (n + 2)//6 + (n + 4)//6 == n//2",
    "(h//2)//2 + (h//2 + 1)//2 == h//2",
    "n - n//2 == (n + 1)//2",
    "n - (n + 1)//2 == n//2",
    "2*(n//2) + 2*((n + 1)//2) - n == n",
    "(a*b)//2 + (a*b + 1)//2 == a*b",
    "(a + b + n)//2 + (a + b + n + 1)//2 == a + b + n",
    "(n//5 + (n + 1)//5 + (n + 2)//5 + (n + 3)//5 + (n + 4)//5)*k == k*n",
    "((n + a - 1)//a + b - 1)//b == (n + a*b - 1)//(a*b)",
    "(h + 2*p - (2*p + 1))//s + 1 == (h + s - 1)//s",
    "((h - k)//k + 1 - k)//k + 1 == h//(k*k)",
    "(h + k - 1 - k)//k + 1 == (h + k - 1)//k",
    "((h - 1)*s + k + (s - 1) - k)//s + 1 == h",
    "(a*b + n - b*(n//b))//(b*d) == a//d",
    "(n - m*(n//m))//m == 0",
    "(r*w + n - w*(n//w))//w == r",
    "(n*k + m*k - 1)//(m*k) == (n + m - 1)//m",
]
"""Instances of laws, and laws put together, as they come up in programs."""
