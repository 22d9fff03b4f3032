package tracing

const sysSendmmsg = 307
