{# Meta's sixteen places of a device, in its order; those not named are empty, and without a kind (i2, a2) there is none. #}
{% macro extinfo() -%}
    {%- set places = ['kind', 'package', 'short_version', 'long_version', 'os_version', 'device', 'locale', 'time_zone', 'carrier', 'screen_width', 'screen_height', 'screen_density', 'cpu_cores', 'storage_size', 'free_storage', 'device_time_zone'] -%}
    {%- for name in kwargs -%}
        {%- if name not in places -%}
            {{ exceptions.raise_compiler_error('extinfo has no "' ~ name ~ '"; it has: ' ~ places | join(', ')) }}
        {%- endif -%}
    {%- endfor -%}
    {%- set values = [] -%}
    {%- for place in places -%}
        {%- do values.append("coalesce(cast(" ~ kwargs[place] ~ " as varchar), '')" if place in kwargs else "''") -%}
    {%- endfor -%}
    case
        when
            {{ clean_text('cast(' ~ kwargs.get('kind', 'null') ~ ' as varchar)') }}
            is not null
        then {{ json_array(*values) }}
    end
{%- endmacro %}
