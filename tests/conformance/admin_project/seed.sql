-- Somebody with a second factor.
insert into auth.users (id, email, email_confirmed_at)
  values ('0b9b2f0a-6f0e-4f4e-8a4e-0000000000f1', 'factor@example.org', now());
insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, secret)
  values ('0b9b2f0a-6f0e-4f4e-8a4e-0000000000f2', '0b9b2f0a-6f0e-4f4e-8a4e-0000000000f1', 'phone', 'totp', 'verified',
    'canary-factor-secret');
