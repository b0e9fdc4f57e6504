{% macro spark__normalize_phone(
    phone, home_code, calling_code, trunk_digits, lengths, home_lengths
) -%}
    {%- set argentine_mobile = "r'^[+]540?(?:1115[0-9]{8}|[23][0-9]{2}15[0-9]{7}|[23][0-9]{3}15[0-9]{6})\\z'" -%}
    {%- set rule -%}
        case
            when startswith({{ phone }}, '+')
            then
                case
                    when substr({{ lengths }}, nullif(char_length({{ phone }}) - 1, 0), 1) = '1'
                    then substr({{ phone }}, 2)
                    when {{ calling_code }} = '54' and {{ phone }} rlike {{ argentine_mobile }}
                    then regexp_replace({{ phone }}, r'^[+]540?(11|[23][0-9]{2,3})15', '549$1')
                    when {{ calling_code }} = '55' and {{ trunk_digits }} = 1 and char_length({{ phone }}) in (16, 17)
                    then '55' || substr({{ phone }}, 7)
                    when {{ trunk_digits }} > 0 and char_length({{ phone }}) - {{ trunk_digits }} between 8 and 16 and substr({{ phone }}, char_length({{ calling_code }}) + {{ trunk_digits }} + 2, 1) <> '0'
                    then {{ calling_code }} || substr({{ phone }}, char_length({{ calling_code }}) + {{ trunk_digits }} + 2)
                    else nullif(regexp_extract({{ phone }}, r'^[+]([1-9][0-9]{6,14})\z', 1), '')
                end
            when {{ calling_code }} = {{ home_code }} and substr({{ home_lengths }}, nullif(char_length({{ phone }}), 0), 1) = '1'
            then {{ home_code }} || {{ phone }}
            when substr({{ lengths }}, nullif(char_length({{ phone }}), 0), 1) = '1'
            then {{ phone }}
            when {{ calling_code }} = {{ home_code }} and char_length({{ phone }}) - {{ trunk_digits }} between 7 and 15
            then {{ calling_code }} || substr({{ phone }}, char_length({{ calling_code }}) + {{ trunk_digits }} + 1)
        end
    {%- endset -%}
    {{ spark__unless_hashed(phone, rule) }}
{%- endmacro %}
