{#
    NFC, which Spark has no function for: a text with signs that may change is cut before each sign
    that nothing moves into; a piece falls into its simplest signs, the marks in it are put in
    order, and what composes is composed, one after the other. Everything else passes.
#}
{% macro spark__nfc(text) -%}
    {%- set singles = namespace(one='', other='') -%}
    {%- for run in composed_signs('singles').split() -%}
        {%- set first = run.split('=')[0] | int(base=16) -%}
        {%- for code in run.split('=')[1].split('.') -%}
            {%- set singles.one = singles.one ~ '%c' | format(first + loop.index0) -%}
            {%- set singles.other = singles.other ~ '%c' | format(code | int(base=16)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set simple, apart, pairs = {}, [], [] -%}
    {%- for word in composed_signs('parts').split() -%}
        {%- set sign = '%c' | format(word.split('=')[0] | int(base=16)) -%}
        {%- set parts = word.split('=')[1].rstrip('!').split('.') -%}
        {%- set one = '%c' | format(parts[0] | int(base=16)) -%}
        {%- set two = '%c' | format(parts[1] | int(base=16)) -%}
        {%- do simple.update({sign: simple.get(one, one) ~ simple.get(two, two)}) -%}
        {%- do apart.append(sign ~ ':' ~ simple[sign]) -%}
        {%- if not word.endswith('!') -%}
            {%- do pairs.append(one ~ two ~ ':' ~ sign) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set marks, orders = [], [] -%}
    {%- for word in composed_signs('orders').split() -%}
        {%- set ends = word.split('=')[0].split('-') -%}
        {%- for code in range(ends[0] | int(base=16), (ends[-1] | int(base=16)) + 1) -%}
            {%- do marks.append('%c' | format(code)) -%}
            {%- do orders.append('%c' | format((word.split('=')[1] | int) + 256)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set falls_apart, composes = apart | join('/'), pairs | join('/') -%}
    {%- set unstable = spark__ranges(composed_signs('unstable').split()) -%}
    transform(
        array({{ text }}),
        nfc_given -> case
            when octet_length(nfc_given) = char_length(nfc_given)
            then nfc_given
            when not nfc_given rlike r'[{{ unstable }}]'
            then nfc_given
            else
                array_join(
                    transform(
                        regexp_extract_all(
                            translate(
                                nfc_given, '{{ singles.one }}', '{{ singles.other }}'
                            ),
                            r'(?s)(?:[\x00-\x7F](?![{{ unstable }}]))++|.[{{ unstable }}]*+',
                            0
                        ),
                        nfc_piece -> case
                            when octet_length(nfc_piece) = char_length(nfc_piece)
                            then nfc_piece
                            else
                                aggregate(
                                    array_sort(
                                        aggregate(
                                            split(
                                                array_join(
                                                    transform(
                                                        split(nfc_piece, ''),
                                                        nfc_sign -> coalesce(
                                                            try_element_at(
                                                                str_to_map(
                                                                    '{{ falls_apart }}',
                                                                    '/',
                                                                    ':'
                                                                ),
                                                                nfc_sign
                                                            ),
                                                            nfc_sign
                                                        )
                                                    ),
                                                    ''
                                                ),
                                                ''
                                            ),
                                            cast(
                                                array() as array<
                                                    struct<
                                                        base int,
                                                        kind int,
                                                        place int,
                                                        sign string
                                                    >
                                                >
                                            ),
                                            (nfc_signs, nfc_sign) -> transform(
                                                array(
                                                    ascii(
                                                        replace(
                                                            translate(
                                                                nfc_sign,
                                                                '{{ marks | join }}',
                                                                '{{ orders | join }}'
                                                            ),
                                                            nfc_sign,
                                                            ''
                                                        )
                                                    )
                                                ),
                                                nfc_kind -> array_append(
                                                    nfc_signs,
                                                    named_struct(
                                                        'base',
                                                        coalesce(
                                                            try_element_at(
                                                                nfc_signs, -1
                                                            ).base,
                                                            0
                                                        )
                                                        + if(nfc_kind = 0, 1, 0),
                                                        'kind',
                                                        nfc_kind,
                                                        'place',
                                                        size(nfc_signs),
                                                        'sign',
                                                        nfc_sign
                                                    )
                                                )
                                            )[0]
                                        )
                                    ),
                                    named_struct(
                                        'done', '', 'base', '', 'marks', '', 'kind', 0
                                    ),
                                    (nfc_text, nfc_next) -> transform(
                                        array(
                                            case
                                                when
                                                    nfc_text.marks <> ''
                                                    and nfc_next.kind <= nfc_text.kind
                                                then null
                                                when
                                                    nfc_text.base between 'ᄀ' and 'ᄒ'
                                                    and nfc_next.sign
                                                    between 'ᅡ' and 'ᅵ'
                                                then
                                                    44032
                                                    + (ascii(nfc_text.base) - 4352)
                                                    * 588
                                                    + (ascii(nfc_next.sign) - 4449) * 28
                                                when
                                                    nfc_text.base between '가' and '힣'
                                                    and (ascii(nfc_text.base) - 44032)
                                                    % 28
                                                    = 0
                                                    and nfc_next.sign
                                                    between 'ᆨ' and 'ᇂ'
                                                then
                                                    ascii(nfc_text.base)
                                                    + ascii(nfc_next.sign)
                                                    - 4519
                                                else
                                                    ascii(
                                                        try_element_at(
                                                            str_to_map(
                                                                '{{ composes }}',
                                                                '/',
                                                                ':'
                                                            ),
                                                            nfc_text.base
                                                            || nfc_next.sign
                                                        )
                                                    )
                                            end
                                        ),
                                        nfc_code -> case
                                            when nfc_code is not null
                                            then
                                                named_struct(
                                                    'done',
                                                    nfc_text.done,
                                                    'base',
                                                    decode(
                                                        unhex(
                                                            lpad(hex(nfc_code), 8, '0')
                                                        ),
                                                        'UTF-32'
                                                    ),
                                                    'marks',
                                                    nfc_text.marks,
                                                    'kind',
                                                    nfc_text.kind
                                                )
                                            when nfc_next.kind = 0
                                            then
                                                named_struct(
                                                    'done',
                                                    nfc_text.done
                                                    || nfc_text.base
                                                    || nfc_text.marks,
                                                    'base',
                                                    nfc_next.sign,
                                                    'marks',
                                                    '',
                                                    'kind',
                                                    0
                                                )
                                            else
                                                named_struct(
                                                    'done',
                                                    nfc_text.done,
                                                    'base',
                                                    nfc_text.base,
                                                    'marks',
                                                    nfc_text.marks || nfc_next.sign,
                                                    'kind',
                                                    nfc_next.kind
                                                )
                                        end
                                    )[0],
                                    nfc_text
                                    -> nfc_text.done
                                    || nfc_text.base
                                    || nfc_text.marks
                                )
                        end
                    ),
                    ''
                )
        end
    )[0]
{%- endmacro %}
