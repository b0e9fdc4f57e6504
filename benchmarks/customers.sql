-- Customers as tills and shops know them, the same ones each time: six countries, one
-- value in ten written messily, one in twenty missing.
create macro drawn(number, what, sides) as cast(hash(concat(number, what)) % sides as integer);
create macro pick(number, what, words) as words[1 + drawn(number, what, len(words))];
create macro sometimes(number, what, usual, messy) as
    case
        when drawn(number, what || ' missing', 20) > 0
        then
            case
                when drawn(number, what || ' messy', 10) > 0 then usual else messy
            end
    end
;
create table eleven_fields as
with
    homes as (
        select
            range as number,
            pick(range, 'home', ['de', 'gb', 'us', 'fr', 'it', 'br']) as home,
            date '1940-01-01' + drawn(range, 'birth', 25000) as born
        from range(getvariable('customers'))
    ),

    people as (
        select
            *,
            case home
                when 'de'
                then pick(number, 'fn', ['Anna', 'Jürgen', 'Thomas', 'Sabine', 'Björn'])
                when 'gb'
                then pick(number, 'fn', ['Oliver', 'Amelia', 'Harry', 'Mary Ann', 'Zoë'])
                when 'us'
                then pick(number, 'fn', ['James', 'Linda', 'Jo-Ann', 'Michael', 'Jane'])
                when 'fr'
                then pick(number, 'fn', ['Camille', 'Hélène', 'Lucas', 'Jean-Luc'])
                when 'it'
                then pick(number, 'fn', ['Giulia', 'Marco', 'Nicolò', 'Chiara'])
                else pick(number, 'fn', ['João', 'Maria', 'Antônio', 'Luíza', 'Pedro'])
            end as given,
            case home
                when 'de'
                then pick(number, 'ln', ['Müller', 'Schmidt', 'Weiß', 'von Berg', 'Koch'])
                when 'gb'
                then pick(number, 'ln', ['Smith', 'O''Connor', 'Jones', 'Evans', 'Khan'])
                when 'us'
                then pick(number, 'ln', ['Johnson', 'Garcia', 'Davis', 'Nguyen', 'Lee'])
                when 'fr'
                then pick(number, 'ln', ['Martin', 'Lefèvre', 'Dubois', 'de la Tour'])
                when 'it'
                then pick(number, 'ln', ['Rossi', 'D''Angelo', 'Ferrari', 'Esposito'])
                else pick(number, 'ln', ['da Silva', 'Souza', 'Conceição', 'Lima'])
            end || pick(number, 'ending', ['', 'a', 'en', 'er', 'is', 'ov', 'son', 'y'])
            as family,
            case home
                when 'de'
                then pick(number, 'ct', ['Berlin', 'Köln', 'Bad Tölz', 'Hamburg'])
                when 'gb'
                then pick(number, 'ct', ['London', 'Leeds', 'Stoke-on-Trent', 'York'])
                when 'us'
                then pick(number, 'ct', ['New York', 'Boston', 'St. Louis', 'Austin'])
                when 'fr'
                then pick(number, 'ct', ['Paris', 'Saint-Étienne', 'Lyon', 'Nîmes'])
                when 'it'
                then pick(number, 'ct', ['Roma', 'Milano', 'L''Aquila', 'Forlì'])
                else pick(number, 'ct', ['São Paulo', 'Recife', 'Brasília', 'Santos'])
            end as town,
            case home
                when 'de'
                then pick(number, 'st', ['Bayern', 'Berlin', 'Hessen', 'Sachsen'])
                when 'gb'
                then pick(number, 'st', ['Kent', 'Essex', 'West Yorkshire', 'Devon'])
                when 'us'
                then pick(number, 'st', ['NY', 'MA', 'California', 'TX', 'New Jersey'])
                when 'fr'
                then pick(number, 'st', ['Bretagne', 'Île-de-France', 'Occitanie'])
                when 'it'
                then pick(number, 'st', ['RM', 'MI', 'AQ', 'FC'])
                else pick(number, 'st', ['SP', 'PE', 'DF', 'RJ'])
            end as region,
            case home
                when 'de'
                then pick(number, 'country', ['DE', 'Deutschland', 'Germany'])
                when 'gb'
                then pick(number, 'country', ['GB', 'UK', 'United Kingdom'])
                when 'us'
                then pick(number, 'country', ['US', 'USA', 'United States'])
                when 'fr'
                then pick(number, 'country', ['FR', 'France'])
                when 'it'
                then pick(number, 'country', ['IT', 'Italia', 'Italy'])
                else pick(number, 'country', ['BR', 'Brasil', 'Brazil'])
            end as land
        from homes
    ),

    numbers as (
        select
            *,
            10000 + drawn(number, 'zip', 89999) as place,
            lpad(cast(drawn(number, 'phone', 10000000) as varchar), 7, '0') as line,
            lower(strip_accents(replace(given, ' ', '') || '.' || replace(family, ' ', '')))
            || drawn(number, 'email', 1000000)
            || pick(number, 'domain', ['@gmail.com', '@Example.de', '@mail.example.org'])
            as address
        from people
    )

select
    number,
    cast(md5(cast(number as varchar)) as uuid) as basket,
    sometimes(
        number,
        'email',
        address,
        pick(number, 'odd', [upper(address), ' ' || address || ' ', 'no address'])
    ) as email,
    sometimes(
        number,
        'phone',
        case home
            when 'de'
            then pick(number, 'form', ['0171 ' || line, '+49 30 ' || line])
            when 'gb'
            then pick(number, 'form', ['077' || left(line, 2) || ' 9' || line[2:], '+44 20 7' || line])
            when 'us'
            then pick(number, 'form', ['(415) 5' || line[1:2] || '-' || line[3:6], '+1 212 5' || left(line, 6)])
            when 'fr'
            then pick(number, 'form', ['06 3' || line, '+33 1 4' || line])
            when 'it'
            then pick(number, 'form', ['333 ' || line, '+39 06 6' || line])
            else pick(number, 'form', ['(11) 98' || line, '+55 11 97' || line])
        end,
        pick(number, 'odd', ['00' || line, 'Tel.: 0' || line || ' x12', line])
    ) as phone,
    sometimes(
        number, 'fn', given, pick(number, 'odd', [upper(given), ' ' || given, 'Dr. ' || given])
    ) as fn,
    sometimes(
        number, 'ln', family, pick(number, 'odd', [upper(family), family || ', Jr.', 'N/A'])
    ) as ln,
    sometimes(
        number,
        'gen',
        pick(number, 'gen', ['F', 'M', 'female', 'male', 'Frau', 'Mr']),
        pick(number, 'odd', ['Mrs.', 'X', 'unknown'])
    ) as gen,
    sometimes(
        number,
        'db',
        case home
            when 'de'
            then strftime(born, '%d.%m.%Y')
            when 'us'
            then strftime(born, '%m/%d/%Y')
            else cast(born as varchar)
        end,
        pick(
            number,
            'odd',
            [
                cast(born as varchar) || ' 00:00:00',
                strftime(born, '%d-%b-%Y'),
                strftime(born, '%d/%m/%y'),
                strftime(born, '%Y%m%d')
            ]
        )
    ) as db,
    sometimes(
        number, 'ct', town, pick(number, 'odd', [upper(town), town || ' 2', 'unknown'])
    ) as ct,
    sometimes(
        number, 'st', region, pick(number, 'odd', [upper(region), region || '.', '-'])
    ) as st,
    sometimes(
        number,
        'zip',
        case home
            when 'gb'
            then pick(number, 'area', ['SW', 'M', 'LS']) || place % 90 || ' ' || place % 10 || 'AB'
            when 'br'
            then place || '-' || lpad(cast(place % 1000 as varchar), 3, '0')
            when 'us'
            then pick(number, 'form', [cast(place as varchar), place || '-1234'])
            else cast(place as varchar)
        end,
        pick(number, 'odd', [' ' || place, 'N/A', left(cast(place as varchar), 1)])
    ) as zip,
    sometimes(
        number, 'country', land, pick(number, 'odd', [' ' || land, lower(land), 'Elsewhere'])
    ) as country,
    sometimes(
        number,
        'external_id',
        'CUST-' || lpad(cast(number as varchar), 9, '0'),
        pick(number, 'odd', [lower(' cust ' || number), md5('' || number), sha256('' || number)])
    ) as external_id
from numbers
;
-- What a source does not have is a constant, as in a staging model.
create view int_chosen_customers as
select
    *,
    cast(null as varchar) as email_2,
    cast(null as varchar) as email_3,
    cast(null as varchar) as phone_2,
    cast(null as varchar) as phone_3,
    cast(null as varchar) as external_id_2,
    cast(null as varchar) as external_id_3,
    cast(null as varchar) as madid,
    cast(null as varchar) as lead_id,
    cast(null as varchar) as client_ip_address,
    cast(null as varchar) as client_user_agent,
    cast(null as varchar) as user_keys
from eleven_fields
;
