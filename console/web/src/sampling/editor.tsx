// The form of one rule, new or not, over the page. The simulator uses it for its copies.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiError } from '../api.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import type { Rule } from './api.ts';
import { complaints, formOf, isDefault, newForm, patternFields, ruleOf, type Form, type FormField } from './model.ts';

interface Props {
  /** The rule that is changed; none: a new one. */
  before?: Rule;
  rules: readonly Rule[];
  save: (rule: Rule) => Promise<unknown>;
  done: () => void;
  close: () => void;
}

export function Editor(props: Props) {
  const { before } = props;
  const [form, setForm] = useState<Form>(() => (before ? formOf(before) : newForm(props.rules)));
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const wrong = complaints(form, before ? [] : props.rules.map((rule) => rule.RuleName));
  const submit = (event: Event) => {
    event.preventDefault();
    setTried(true);
    setError('');
    const [first] = Object.keys(wrong);
    if (first) return document.getElementById(fieldId(first as FormField))?.focus();
    setBusy(true);
    return void props
      .save(ruleOf(form, before))
      .then(props.done, (cause: ApiError) => setError(cause.message))
      .finally(() => setBusy(false));
  };
  const only = before !== undefined && isDefault(before.RuleName);
  // What is empty in a new form is no mistake until somebody wants it saved.
  const said = (field: FormField) => (tried || (field !== 'RuleName' || form.RuleName !== '') ? wrong[field] : undefined);
  const set = (patch: Partial<Form>) => setForm((now) => ({ ...now, ...patch }));
  const parts = { form, set, said };
  return (
    <Dialog title={before ? `Rule ${before.RuleName}` : 'New rule'} close={props.close}>
      <form class="rule-form" onSubmit={submit} noValidate data-testid="rule-form">
        {only ? (
          <p class="muted">Default takes what no other rule matches. It is tried last and matches everything; only rate and reservoir change.</p>
        ) : (
          <div class="fields">
            {!before && <Field {...parts} field="RuleName" label="Name" explain="1 to 32 characters; it cannot be changed later" autofocus />}
            <Field {...parts} field="Priority" label="Priority" explain="1 to 9999: the lowest is tried first" mode="numeric" />
          </div>
        )}
        <fieldset class="fields">
          <legend>How much is recorded</legend>
          <Field {...parts} field="Reservoir" label="Reservoir, requests a second" explain="0 or more: recorded in each second, whatever comes; all clients together" mode="numeric" />
          <Field {...parts} field="Rate" label="Rate, per cent" explain="0 to 100: of what the reservoir left" mode="decimal" />
        </fieldset>
        {!only && (
          <fieldset class="fields">
            <legend>Which requests: * stands for any text, ? for one character</legend>
            {patternFields.map((f) => (
              <Field key={f.key} {...parts} field={f.key} label={f.label} explain={`${f.explain}; up to ${f.max} characters`} />
            ))}
          </fieldset>
        )}
        {!only && <Attributes {...parts} />}
        {!only && (
          <fieldset class="fields">
            <legend>Boost, when failures rise</legend>
            <Field
              {...parts}
              field="Boost"
              label="Up to, per cent"
              explain={before?.SamplingRateBoost ? '0 to 100; empty or 0: none' : '0 to 100; empty: none. SDKs that know it raise the rate for a minute'}
              mode="decimal"
            />
            <Field {...parts} field="Cooldown" label="Cooldown, minutes" explain="0 or more: from one boost to the next" mode="numeric" />
          </fieldset>
        )}
        {error !== '' && (
          <p class="fault" role="alert">
            {error}
          </p>
        )}
        <div class="steps">
          <button class="button primary" disabled={busy} data-testid="save-rule">
            {before ? 'Save' : 'Create'}
          </button>
          <button type="button" class="button" onClick={props.close}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const fieldId = (field: FormField) => `rule-${field}`;

interface Parts {
  form: Form;
  set: (patch: Partial<Form>) => void;
  said: (field: FormField) => string | undefined;
}

interface FieldProps extends Parts {
  field: Exclude<FormField, 'Attributes'>;
  label: string;
  explain: string;
  mode?: 'numeric' | 'decimal';
  autofocus?: boolean;
}

function Field(props: FieldProps) {
  const { field } = props;
  const wrong = props.said(field);
  return (
    <label class="field" for={fieldId(field)}>
      <span>{props.label}</span>
      <input
        id={fieldId(field)}
        class="input"
        autoFocus={props.autofocus}
        spellcheck={false}
        autocomplete="off"
        inputMode={props.mode ?? 'text'}
        value={props.form[field]}
        aria-invalid={wrong !== undefined}
        aria-describedby={`${fieldId(field)}-note`}
        onInput={(event) => props.set({ [field]: event.currentTarget.value })}
      />
      <Note id={`${fieldId(field)}-note`} wrong={wrong}>
        {props.explain}
      </Note>
    </label>
  );
}

function Note(props: { id: string; wrong: string | undefined; children: ComponentChildren }) {
  return (
    <small id={props.id} class={props.wrong ? 'fault' : 'faint'}>
      {props.wrong ?? props.children}
    </small>
  );
}

function Attributes(props: Parts) {
  const list = props.form.Attributes;
  const wrong = props.said('Attributes');
  const change = (at: number, pair: [string, string]) => props.set({ Attributes: list.map((had, i) => (i === at ? pair : had)) });
  return (
    <fieldset class="attributes">
      <legend>Attributes that the SDK knows of the request, all of them</legend>
      {list.map(([key, value], i) => (
        <div key={i} class="attribute">
          <input
            class="input"
            id={i === 0 ? fieldId('Attributes') : undefined}
            aria-label={`Key ${i + 1}`}
            placeholder="key"
            value={key}
            aria-invalid={wrong !== undefined}
            onInput={(event) => change(i, [event.currentTarget.value, value])}
          />
          <input
            class="input"
            aria-label={`Value ${i + 1}`}
            placeholder="value or pattern"
            value={value}
            aria-invalid={wrong !== undefined}
            onInput={(event) => change(i, [key, event.currentTarget.value])}
          />
          <button
            type="button"
            class="button quiet icon"
            aria-label={`Remove attribute ${i + 1}`}
            onClick={() => props.set({ Attributes: list.filter((_, j) => j !== i) })}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
      <button type="button" class="button small" disabled={list.length >= 5} onClick={() => props.set({ Attributes: [...list, ['', '']] })}>
        Add an attribute
      </button>{' '}
      <Note id="rule-Attributes-note" wrong={wrong}>
        Up to 5; keys and values of 1 to 32 characters
      </Note>
    </fieldset>
  );
}
