package tracing

const sysSendmmsg = 269
