import { render } from 'preact';
import { App } from './app.tsx';
import { applyTheme } from './theme.ts';
import './theme.css';
import './shell.css';

applyTheme();
render(<App />, document.getElementById('app')!);
