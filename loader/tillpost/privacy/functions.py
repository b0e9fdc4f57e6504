"""The functions and operators that compute from their arguments and from nothing else.

What is on none of these lists is not understood: it could read a file, a table, a whole row.
"""

from sqlglot import exp


def _types(names: str) -> frozenset[type[exp.Expr]]:
    """The node types of these names; sqlglot renames one now and then."""
    return frozenset(getattr(exp, name) for name in names.split() if hasattr(exp, name))


# The result is one of the arguments.
CHOOSING = _types("Coalesce Min Max AnyValue First Last FirstValue LastValue Lag Lead")
# The result is a text made of the whole argument.
WRITING = _types(
    "Trim Lower Upper Initcap Replace RegexpReplace SplitPart Concat ConcatWs DPipe Pad Collate"
)
# These are null where their argument is, and only there.
SAME_NULLS = _types("Trim Lower Upper")

COMPUTING = _types(
    "Add Sub Mul Div IntDiv Mod Pow Neg EQ NEQ GT GTE LT LTE NullSafeEQ NullSafeNEQ And Or Not Xor"
    " Between Like ILike SimilarTo RegexpLike RegexpILike RegexpFullMatch RegexpExtract"
    " RegexpExtractAll RegexpSplit RegexpCount Escape Tuple Array Bracket Slice Interval"
    " BitwiseAnd BitwiseOr BitwiseXor BitwiseNot BitwiseLeftShift BitwiseRightShift"
    " Length Substring Left Right StrPosition Reverse Split Repeat Chr Unicode Ascii StartsWith"
    " EndsWith Contains Translate MD5 MD5Digest SHA SHA2 SHA1Digest SHA2Digest Hex Unhex Encode"
    " ToBase64 FromBase64 Levenshtein ToChar Format Space Overlay ByteLength BitLength"
    " Greatest Least"
    " Abs Round Ceil Floor Sqrt Cbrt Ln Log Exp Sign Trunc Factorial IsNan IsInf ToNumber"
    " Extract DateTrunc TimestampTrunc DateAdd DateSub DateDiff TimestampAdd TimestampSub"
    " TimestampDiff TsOrDsAdd TsOrDsDiff StrToTime StrToDate StrToUnix TimeToStr TimeToUnix"
    " UnixToTime UnixToTimeStr TsOrDsToDate TsOrDsToTimestamp Date Timestamp Time Year Month Day"
    " Quarter Week WeekOfYear Hour Minute Second DayOfWeek DayOfWeekIso DayOfMonth DayOfYear"
    " CurrentDate CurrentTime CurrentTimestamp AtTimeZone LastDay MakeInterval DateFromParts"
    " TimestampFromParts DateStrToDate TimeStrToTime UnixSeconds UnixMillis"
    " UnixMicros ToDays Typeof ArraySize ArrayContains ArrayToString ArrayConcat"
    " ArrayUniqueAgg JSONExtract JSONExtractScalar Sum Avg ArrayAgg GroupConcat Median"
    " Stddev StddevPop StddevSamp Variance VariancePop Quantile PercentileCont PercentileDisc"
    " ApproxDistinct ApproxQuantile LogicalAnd LogicalOr CountIf ArgMin ArgMax BitwiseAndAgg Mode"
    " BitwiseOrAgg RowNumber Rank DenseRank PercentRank CumeDist Ntile NthValue Grouping Corr"
    " Distinct ArrayDistinct Uuid All Any"
)
# Words of the grammar, which hold no values.
SILENT = _types("Literal Null Boolean DataType Var DataTypeParam IntervalSpan JSONPath HexString")

NAMES = frozenset(
    (
        *("bar", "bin", "bit_length", "chr", "date_part", "dayname", "ends_with", "epoch"),
        *("epoch_ms", "epoch_ns", "epoch_us", "even", "gcd", "greatest_common_divisor", "hash"),
        *("instr", "isfinite", "isinf", "isnan", "lcm", "len", "list_concat", "list_contains"),
        *("list_distinct", "list_sort", "list_value", "make_date", "make_time", "make_timestamp"),
        *("monthname", "nfc_normalize", "now", "octet_length", "ord", "prefix", "printf"),
        *("regexp_escape", "regexp_full_match", "regexp_split_to_array", "round_even", "sha1"),
        *("sha256", "starts_with", "string_split", "strip_accents", "strlen", "strptime"),
        *("suffix", "to_days", "to_hours", "to_microseconds", "to_minutes", "to_months"),
        *("to_seconds", "to_timestamp", "to_years", "try_strptime", "typeof", "unicode"),
        *(
            "url_decode",
            "url_encode",
        ),
    )
)
AGGREGATES = (exp.AggFunc, exp.Count, exp.RowNumber, exp.Window)
