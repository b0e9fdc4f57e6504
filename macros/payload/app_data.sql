{# The app that an event comes from: `app_data(extinfo=extinfo(kind="'i2'", os_version='os'), anon_id='install')`. #}
{% macro app_data() -%}
    {{ named_object('app_data', kwargs, ['extinfo', 'advertiser_tracking_enabled', 'application_tracking_enabled', 'campaign_ids', 'install_referrer', 'installer_package', 'url_schemes', 'vendor_id', 'windows_attribution_id', 'anon_id']) }}
{%- endmacro %}
