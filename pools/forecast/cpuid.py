"""Processor features: XAPI's feature strings, and names for their bits (Xen's cpufeatureset.h, cpuid.ml)."""

import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest

Words = tuple[int, ...]
WORD_BITS = 32

VENDORS = {"GenuineIntel": "Intel", "AuthenticAMD": "AMD", "HygonGenuine": "Hygon", "CentaurHauls": "Centaur"}

# Names by word of the feature string and bit of the word; the order of words is Xen's.
NAMES: tuple[dict[int, str], ...] = (
    {0: "FPU", 4: "TSC", 5: "MSR", 6: "PAE", 8: "CX8", 9: "APIC", 11: "SEP", 12: "MTRR", 13: "PGE", 15: "CMOV",
     16: "PAT", 17: "PSE36", 19: "CLFLUSH", 22: "ACPI", 23: "MMX", 24: "FXSR", 25: "SSE", 26: "SSE2", 28: "HTT"},
    {0: "SSE3", 1: "PCLMULQDQ", 3: "MONITOR", 5: "VMX", 9: "SSSE3", 12: "FMA", 13: "CX16", 17: "PCID", 19: "SSE4.1",
     20: "SSE4.2", 21: "x2APIC", 22: "MOVBE", 23: "POPCNT", 24: "TSC-deadline timer", 25: "AES-NI", 26: "XSAVE",
     27: "OSXSAVE", 28: "AVX", 29: "F16C", 30: "RDRAND", 31: "hypervisor bit"},
    {11: "SYSCALL", 20: "NX", 22: "MMXEXT", 25: "FFXSR", 26: "1 GB pages", 27: "RDTSCP", 29: "64-bit mode",
     30: "3DNow! extensions", 31: "3DNow!"},
    {0: "LAHF", 1: "CMP_LEGACY", 2: "SVM", 4: "CR8_LEGACY", 5: "LZCNT", 6: "SSE4a", 7: "misaligned SSE",
     8: "3DNow! prefetch", 9: "OSVW", 10: "IBS", 11: "XOP", 12: "SKINIT", 15: "LWP", 16: "FMA4", 19: "NODEID_MSR",
     21: "TBM", 22: "TOPOEXT", 26: "DBEXT", 29: "MONITORX"},
    {0: "XSAVEOPT", 1: "XSAVEC", 2: "XGETBV1", 3: "XSAVES", 4: "XFD"},
    {0: "FSGSBASE", 1: "TSC_ADJUST", 2: "SGX", 3: "BMI1", 4: "TSX (HLE)", 5: "AVX2", 6: "FDP_EXCP_ONLY", 7: "SMEP",
     8: "BMI2", 9: "ERMS", 10: "INVPCID", 11: "TSX (RTM)", 12: "RDT-M", 13: "NO_FPU_SEL", 14: "MPX", 15: "RDT-A",
     16: "AVX-512 F", 17: "AVX-512 DQ", 18: "RDSEED", 19: "ADX", 20: "SMAP", 21: "AVX-512 IFMA", 23: "CLFLUSHOPT",
     24: "CLWB", 25: "processor trace", 26: "AVX-512 PF", 27: "AVX-512 ER", 28: "AVX-512 CD", 29: "SHA",
     30: "AVX-512 BW", 31: "AVX-512 VL"},
    {1: "AVX-512 VBMI", 2: "UMIP", 3: "PKU", 4: "OSPKE", 5: "WAITPKG", 6: "AVX-512 VBMI2", 7: "CET shadow stacks",
     8: "GFNI", 9: "VAES", 10: "VPCLMULQDQ", 11: "AVX-512 VNNI", 12: "AVX-512 BITALG", 14: "AVX-512 VPOPCNTDQ",
     22: "RDPID", 25: "CLDEMOTE", 27: "MOVDIRI", 28: "MOVDIR64B", 29: "ENQCMD"},
    {8: "invariant TSC", 9: "core performance boost", 10: "effective frequency"},
    {0: "CLZERO", 2: "RSTR_FP_ERR_PTRS", 9: "WBNOINVD", 12: "IBPB", 14: "AMD IBRS", 15: "AMD STIBP", 24: "AMD SSBD",
     25: "virtual SSBD", 26: "SSB_NO", 28: "PSFD"},
    {2: "AVX-512 4VNNIW", 3: "AVX-512 4FMAPS", 4: "FSRM", 8: "AVX-512 VP2INTERSECT", 10: "MD_CLEAR",
     14: "SERIALIZE", 16: "TSXLDTRK", 20: "CET branch tracking", 22: "AMX BF16", 23: "AVX-512 FP16", 24: "AMX tiles",
     25: "AMX INT8", 26: "IBRS", 27: "STIBP", 28: "L1D_FLUSH", 29: "ARCH_CAPABILITIES", 31: "SSBD"},
    {4: "AVX-VNNI", 5: "AVX-512 BF16", 10: "FZRM", 11: "FSRS", 12: "FSRCS"},
)  # fmt: skip

# Said together, with their parts in brackets.
FAMILIES = ("AVX-512", "AMX")

# What programs ask for by name; said before what only operating systems notice.
PROMINENT = frozenset(
    {"AVX2", "AVX", "FMA", "AES-NI", "SHA", "BMI1", "BMI2", "SSE4.1", "SSE4.2", "TSX (RTM)", "ADX", "VAES", "RDRAND"}
)

# Bits of the third word that only repeat the first one (CPUID_COMMON_1D_FEATURES).
REPEATED = {2: 0x0183F3FF}


def parse(text: str) -> Words | None:
    """Read a feature string; None when it is missing or not one."""
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{8}){0,63}", text):
        return None
    return tuple(int(word, 16) for word in text.split("-"))


def render(words: Words) -> str:
    return "-".join(f"{word:08x}" for word in words)


def intersect(left: Words, right: Words) -> Words:
    """Keep what both have; the shorter is extended with zeros (cpuid.ml, intersect)."""
    return tuple(a & b for a, b in zip_longest(left, right, fillvalue=0))


def without(left: Words, right: Words) -> Words:
    """Return what is in the left and not in the right."""
    return tuple(a & ~b for a, b in zip_longest(left, right, fillvalue=0))


def names(words: Words) -> list[str]:
    """Name the features that are set, families first and together: ``AVX-512 (F, DQ)``, ``AES-NI``."""
    plain: list[str] = []
    families: dict[str, list[str]] = {}
    for name in _named(words):
        family = next((each for each in FAMILIES if name.startswith(f"{each} ")), None)
        if family is None:
            plain.append(name)
        else:
            families.setdefault(family, []).append(name.removeprefix(f"{family} "))
    plain.sort(key=lambda name: name not in PROMINENT)
    return [*(f"{family} ({', '.join(parts)})" for family, parts in families.items()), *plain]


def vendor_name(vendor: str) -> str:
    """Name the maker as people do."""
    return VENDORS.get(vendor, vendor)


def _named(words: Words) -> Iterator[str]:
    """Those that people know first, the others by their place."""
    found = [(place, bit) for place, word in enumerate(words) for bit in _bits(word & ~REPEATED.get(place, 0))]
    known = dict(enumerate(NAMES))
    yield from (known[place][bit] for place, bit in found if bit in known.get(place, {}))
    yield from (f"feature {place}.{bit}" for place, bit in found if bit not in known.get(place, {}))


def _bits(word: int) -> Iterable[int]:
    return (bit for bit in range(WORD_BITS) if word >> bit & 1)
