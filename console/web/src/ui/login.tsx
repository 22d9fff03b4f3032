// The login: a token that the operator handed out, for a cookie that scripts can't read.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, post, session, type ApiError, type Session } from '../api.ts';

/** Asks who we are; a server without a guard lets everyone in. */
export async function loadSession(): Promise<void> {
  try {
    session.value = await get<Session>('api/session');
  } catch {
    session.value = { required: false, authenticated: false };
  }
}

export function Login() {
  const [token, setToken] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError('');
    try {
      await post<void>('api/session', { token: token.trim() });
      location.reload(); // every question that was refused is asked again
    } catch (cause) {
      setError(explain(cause as ApiError));
      field.current?.select();
    }
    setBusy(false);
  };

  return (
    <main class="login">
      <form class="panel" onSubmit={submit}>
        <h1>Roentgen</h1>
        <p class="muted">This server asks who comes in. Paste the token that its operator gave you.</p>
        <label>
          <span>Token</span>
          <input
            ref={field}
            class="input"
            type="password"
            autocomplete="current-password"
            required
            value={token}
            aria-invalid={error !== ''}
            aria-describedby="login-error"
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <p id="login-error" class="fault" role="alert">
          {error}
        </p>
        <button class="button primary" disabled={busy || token.trim() === ''}>
          Log in
        </button>
      </form>
    </main>
  );
}

function explain(error: ApiError): string {
  if (error.status === 401 || error.status === 403)
    return 'The server does not know this token. Check that it is whole; it may have been withdrawn.';
  if (error.status === 429) return 'Too many attempts. Wait a minute and try again.';
  return error.message;
}
