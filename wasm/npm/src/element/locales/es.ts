import type { Texts } from "../texts.js";

const texts: Texts = {
  loading: [
    "Un momento",
    "Se está comprobando el enlace.",
  ],
  ready: [
    "Confirma tu dirección de correo",
    "Pulsa el botón para usar esta dirección en tu cuenta. Nada cambia hasta entonces.",
    "Confirmar dirección",
  ],
  "ready-to-undo": [
    "¿Deshacer el cambio de dirección?",
    "Pulsa el botón para que tu cuenta vuelva a tener esta dirección. Nada cambia hasta entonces.",
    "Deshacer el cambio",
  ],
  working: [
    "Un momento",
    "Tu respuesta está en camino.",
  ],
  verified: [
    "Dirección confirmada",
    "Tu cuenta usa ahora esta dirección. Puedes cerrar esta página.",
  ],
  "already-verified": [
    "Ya estaba confirmada",
    "Esta dirección ya se confirmó antes. No queda nada por hacer y puedes cerrar esta página.",
  ],
  undone: [
    "Cambio deshecho",
    "El cambio de dirección se ha retirado. Si no lo pediste tú, cambia ahora tu contraseña.",
  ],
  expired: [
    "Este enlace es demasiado antiguo",
    "Los enlaces solo valen un tiempo. Inicia sesión y pide uno nuevo.",
  ],
  altered: [
    "Este enlace no es como se envió",
    "Ábrelo de nuevo desde el correo o cópialo entero. Si no funciona, pide uno nuevo.",
  ],
  incomplete: [
    "Falta una parte del enlace",
    "Ábrelo de nuevo desde el correo o cópialo entero en la barra de direcciones.",
  ],
  superseded: [
    "Hay un enlace más reciente",
    "Abre el correo más reciente, o inicia sesión y pide un enlace nuevo.",
  ],
  used: [
    "Este enlace ya se usó",
    "Solo sirve una vez. Para cambiar otra vez la dirección, inicia sesión y pide un enlace nuevo.",
  ],
  cancelled: [
    "Este cambio se canceló",
    "El titular de la cuenta lo canceló. Si no fuiste tú, inicia sesión y pide un enlace nuevo.",
  ],
  taken: [
    "Esta dirección ya está en uso",
    "La usa otra cuenta. Inicia sesión en esa cuenta o usa otra dirección.",
  ],
  refused: [
    "No ha funcionado",
    "El sitio no acepta este enlace. Pide uno nuevo o ponte en contacto con el sitio.",
  ],
  offline: [
    "El sitio no responde",
    "Comprueba tu conexión e inténtalo de nuevo. Intentarlo dos veces no hace daño.",
    "Intentar de nuevo",
  ],
  unsupported: [
    "Esta página no puede comprobar el enlace",
    "Abre el enlace en otro navegador o ponte en contacto con el sitio.",
  ],
  wait: "Espera antes {seconds} segundos.",
};

export default texts;
