{#
    Ranges of code points, as words of hexadecimal, to stand inside a bracket of Java's. It tries
    them all, one after the other: in a tree it looks only into the branch that spans the sign.
#}
{% macro spark__ranges(ranges) -%}
    {%- set tree = [] -%}
    {%- for branch in ranges | batch(64) -%}
        {%- set twigs = [] -%}
        {%- for twig in branch | batch(8) -%}
            {%- set leaves = [] -%}
            {%- for range in twig -%}
                {%- do leaves.append(spark__range(range, range)) -%}
            {%- endfor -%}
            {%- set span = spark__range(twig[0], twig[-1]) -%}
            {%- do twigs.append('[' ~ span ~ '&&[' ~ leaves | join ~ ']]') -%}
        {%- endfor -%}
        {%- set span = spark__range(branch[0], branch[-1]) -%}
        {%- do tree.append('[' ~ span ~ '&&[' ~ twigs | join ~ ']]') -%}
    {%- endfor -%}
    {{ tree | join }}
{%- endmacro %}

{# From the start of one range to the end of another. #}
{% macro spark__range(first, last) -%}
    {{ '\\x{' ~ first.split('-')[0] ~ '}-\\x{' ~ last.split('-')[-1] ~ '}' }}
{%- endmacro %}
