{% macro postgres__normalize_ip_address(address) -%}
    {%- set byte = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])' -%}
    {%- set four = '(?:' ~ byte ~ '[.]){3}' ~ byte -%}
    {%- set group = '[0-9a-f]{1,4}' -%}
    {%- set groups = '(?:' ~ group ~ '(?::' ~ group ~ '){0,6})?' -%}
    {#- An IPv4 at the end of an IPv6 stands for two groups. #}
    {%- set six = "regexp_replace(" ~ address ~ ", ':" ~ four ~ "$', ':0:0')" -%}
    case
        when {{ address }} ~ '^{{ four }}$'
        then {{ address }}
        when {{ six }} ~ '^{{ group }}(?::{{ group }}){7}$'
        then {{ address }}
        when
            {#- Two colons stand for what is missing of eight groups. #}
            {{ six }} ~ '^{{ groups }}::{{ groups }}$'
            and (
                starts_with({{ six }}, '::')
                or right({{ six }}, 2) = '::'
                or length({{ six }}) - length(replace({{ six }}, ':', '')) < 8
            )
        then {{ address }}
    end
{%- endmacro %}
